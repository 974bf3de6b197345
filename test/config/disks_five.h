/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VIRTIO_BLK: too many rows */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000400, 20, VIRTIO_MMIO, HOST_FILE("/0"), BLK_RW, 16) \
	X(guest, disk1, 0x0a000600, 21, VIRTIO_MMIO, HOST_FILE("/1"), BLK_RW, 16) \
	X(guest, disk2, 0x0a000800, 22, VIRTIO_MMIO, HOST_FILE("/2"), BLK_RW, 16) \
	X(guest, disk3, 0x0a000a00, 23, VIRTIO_MMIO, HOST_FILE("/3"), BLK_RW, 16) \
	X(guest, disk4, 0x0a000c00, 24, VIRTIO_MMIO, HOST_FILE("/4"), BLK_RW, 16)
