/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x10000000000, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)
