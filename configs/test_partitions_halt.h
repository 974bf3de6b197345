/* SPDX-License-Identifier: Apache-2.0 */
/* The second fails at once every time: it has no disk. */
#define CFG_NAME "test_partitions_halt"

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(second,    3,       500,    FAIL_HALT)

/*        partition  name   gpa         spi transport    disk                   access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(second,    disk0, 0x0a000000, 16, VIRTIO_MMIO, HOST_FILE("/absent"), BLK_RW, 16)

#include "configs/test_partitions.h"
