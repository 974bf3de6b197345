/* SPDX-License-Identifier: Apache-2.0 */
/* The second is killed a hundred times, and stays down the next time. */
#define CFG_NAME "test_partitions_kills"

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(second,    100,     0,      FAIL_STOP)

#include "configs/test_partitions.h"
