/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian's unmodified U-Boot for QEMU's virt board, started as QEMU's -bios
 * does. The ROM is as large as that board's two flash banks: U-Boot looks for
 * its environment in the second one, finds zeros, and uses its default.
 */
#define CFG_NAME "qemu_virt_uboot"

/*        partition  name  gpa         size */
#define CFG_ROM(X) \
	X(guest,     rom,  0x00000000, 0x08000000)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_FIRMWARE, "u-boot", "none", "")

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/* The same disk on both transports, once to be read only. */
/*        partition  name   gpa, slot   spi  transport    disk             access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 0x0a000000, 16,  VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 64) \
	X(guest,     disk1, 1,          0,   VIRTIO_PCI,  BOARD_DISK(vda), BLK_RO, 64)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  0x0a000200, 17,  VIRTIO_MMIO)

#include "configs/defaults.h"
