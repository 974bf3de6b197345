/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: PCI slot is not in 1..31 */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x0a000000, 0, VIRTIO_PCI, BOARD_DISK(vda), BLK_RW, 64)
