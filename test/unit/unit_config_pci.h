/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of unit_config.h, its virtio devices on PCI. */
#ifndef CFG_PCI
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)
#endif

#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 1, 0, VIRTIO_PCI,              HOST_FILE("/disk0"), BLK_RW, 128) \
	X(guest,     ro0,   3, 0, VIRTIO_PCI,              HOST_FILE("/ro0"),   BLK_RO, 32) \
	X(guest,     old0,  4, 0, VIRTIO_PCI_TRANSITIONAL, HOST_FILE("/old0"),  BLK_RW, 16)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  2, 0, VIRTIO_PCI)

#define CFG_VIRTIO_CONSOLE(X) \
	X(guest,     con0,  5, 0, VIRTIO_PCI, BOARD_TTY(hvc0))

#include "test/unit/unit_config.h"
