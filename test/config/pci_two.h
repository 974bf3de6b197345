/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PCI: too many rows */
#include "configs/qemu_virt_pci.h"

#undef CFG_PCI
#define CFG_PCI(X) \
	X(guest, pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3) \
	X(guest, pci1, 0x3f200000, 0x3efc0000, 0x10400000, 0x9000000000, 11)
