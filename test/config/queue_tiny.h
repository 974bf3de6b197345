/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: queue size is not a power of two */
/* A request has three descriptors. */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000000, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 2)
