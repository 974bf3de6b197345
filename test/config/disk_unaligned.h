/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: window is not aligned to its size */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000100, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)
