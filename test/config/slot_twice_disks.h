/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, disk1 */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 4, 0, VIRTIO_PCI, BOARD_DISK(vda), BLK_RW, 64) \
	X(guest, disk1, 4, 0, VIRTIO_PCI_TRANSITIONAL, HOST_FILE("/b"), BLK_RW, 64)
