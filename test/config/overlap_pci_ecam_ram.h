/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*pci0[\s\S]*ram */
#include "configs/qemu_virt_pci.h"

#undef CFG_PCI
#define CFG_PCI(X) \
	X(guest, pci0, 0x40000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)
