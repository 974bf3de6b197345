/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog needs the second, which fails for good: it has no disk. */
#define CFG_NAME "test_partitions_starve"

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(second,    1,       0,      FAIL_STOP)

/*        partition  milliseconds to answer in */
#define CFG_CRITICAL(X) \
	X(second,    500)
#define CFG_WATCHDOG_SECONDS 2

/*        partition  name   gpa         spi transport    disk                   access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(second,    disk0, 0x0a000000, 16, VIRTIO_MMIO, HOST_FILE("/absent"), BLK_RW, 16)

#include "configs/test_partitions.h"
