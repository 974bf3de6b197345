/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on QEMU's virt board, its virtio devices on PCI. */
#define CFG_NAME "qemu_virt_pci"

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/*        partition  name   slot spi  transport   disk             access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 1,   0,   VIRTIO_PCI, BOARD_DISK(vda), BLK_RW, 128)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  2,   0,   VIRTIO_PCI)

#include "configs/defaults.h"
