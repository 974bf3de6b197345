/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_PCI_FUNCTIONS/nvme0: address is not domain:bus:device.function */
#include "configs/qemu_virt_vfio_pci.h"

#undef BOARD_PCI_FUNCTIONS
#define BOARD_PCI_FUNCTIONS(X) \
	X(nic0, "0000:00:03.0", 0x8086, 0x10d3, 0x20000, 0x20000, 0x20, 0x4000, 0, 0, 5) \
	X(vblk0, "0000:00:04.0", 0x1af4, 0x1042, 0, 0x1000, 0, 0, 0x4000, 0, 3) \
	X(vnet0, "0000:00:05.0", 0x1af4, 0x1041, 0, 0x1000, 0, 0, 0x4000, 0, 4) \
	X(nvme0, "00:02.0", 0x1b36, 0x0010, 0x4000, 0, 0, 0, 0, 0, 65)
