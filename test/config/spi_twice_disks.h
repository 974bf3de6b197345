/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*X\(guest, disk1 */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000000, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 64) \
	X(guest, disk1, 0x0a000400, 16, VIRTIO_MMIO, HOST_FILE("/b"), BLK_RW, 64)
