/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of the bare-metal test guests with every virtio device on PCI
 * instead. Their payload comes from the build. The spare disk shares its INTx
 * line with the transitional one.
 */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "test")

#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/*        partition  name   slot spi transport                disk                 access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0,  1,   0,  VIRTIO_PCI,              HOST_FILE("/disk/0"), BLK_RW, 64) \
	X(guest,     ro0,    3,   0,  VIRTIO_PCI,              HOST_FILE("/disk/1"), BLK_RO, 32) \
	X(guest,     old0,   4,   0,  VIRTIO_PCI_TRANSITIONAL, HOST_FILE("/disk/2"), BLK_RW, 32) \
	X(guest,     spare0, 8,   0,  VIRTIO_PCI,              HOST_FILE("/disk/3"), BLK_RW, 32)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,   2,   0,  VIRTIO_PCI)

#include "configs/defaults.h"
