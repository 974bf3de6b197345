/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/disk0: on PCI the bus decides the SPI: write 0 */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 1, 16, VIRTIO_PCI, BOARD_DISK(vda), BLK_RW, 64)
