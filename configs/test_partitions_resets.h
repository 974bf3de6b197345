/* SPDX-License-Identifier: Apache-2.0 */
/* The second resets itself at once every time, which is a failure here. */
#define CFG_NAME "test_partitions_resets"
#define CFG_RESET_MS 60000

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(second,    2,       500,    FAIL_STOP)

#include "configs/test_partitions.h"
