/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*pci2 */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_PCI_HOST
#define CFG_PCI_HOST(X) \
	X(guest, pci2, 0x3f200000, 0x3ef00000, 0x40000000, 0x9000000000, 11)
