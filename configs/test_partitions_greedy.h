/* SPDX-License-Identifier: Apache-2.0 */
/* The second fails at once every time: its guest takes more RAM than is there. */
#define CFG_NAME "test_partitions_greedy"

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(second,    2,       500,    FAIL_STOP)

/*        partition  name  gpa         size        policy */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY) \
	X(second,    ram,  0x40000000, 0x06000000, RAM_LAZY)

#include "configs/test_partitions.h"
