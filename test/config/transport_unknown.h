/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: unknown transport */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000000, 16, 4, BOARD_DISK(vda), BLK_RW, 128)
