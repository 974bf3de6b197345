/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of unit_config.h with two of the host's PCI cards. */
#define BOARD_PCI_FUNCTIONS(X) \
	X(card0, "0000:00:02.0", 0x1b36, 0x0010, 0x4000, 0, 0, 0, 0x1000, 0, 5) \
	X(card1, "0000:01:00.1", 0x8086, 0x10d3, 0, 0x20, 0, 0, 0, 0, 0)

/* DMA needs all of RAM to be there. */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x00200000, RAM_HUGE) \
	X(guest,     ram2, 0x40200000, 0x00200000, RAM_HUGE)

#define CFG_PCI_HOST(X) \
	X(guest,     pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11)

#define CFG_VFIO_PCI(X) \
	X(guest,     nvme0, 0, card0) \
	X(guest,     nic0,  2, card1)

#include "test/unit/unit_config.h"
