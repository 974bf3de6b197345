/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog needs the first, and its guest, to answer. */
#define CFG_NAME "test_partitions_watch"

/*        partition  milliseconds to answer in */
#define CFG_CRITICAL(X) \
	X(guest,     500)
#define CFG_WATCHDOG_SECONDS 2

#include "configs/test_partitions.h"
