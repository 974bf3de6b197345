/* SPDX-License-Identifier: Apache-2.0 */
/* expect: board_has_disk_vdz.*undeclared */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000000, 16, VIRTIO_MMIO, BOARD_DISK(vdz), BLK_RW, 128)
