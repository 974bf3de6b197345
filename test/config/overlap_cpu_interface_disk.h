/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, disk0[\s\S]*CFG_GIC_CPU */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x08011e00, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)
