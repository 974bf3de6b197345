/* SPDX-License-Identifier: Apache-2.0 */
/* expect: conflicting types for .the_disk_vda */
#include "configs/qemu_virt.h"

#include "test/config/two_partitions.inc"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000000, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128) \
	X(second, disk0, 0x0a000000, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RO, 128)
