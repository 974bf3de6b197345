/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: the partition has no row in CFG_PCI */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 1, 0, VIRTIO_PCI_TRANSITIONAL, BOARD_DISK(vda), BLK_RW, 64)
