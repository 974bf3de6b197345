/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PCI_HOST: too many rows */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_PCI_HOST
#define CFG_PCI_HOST(X) \
	X(guest, pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11) \
	X(guest, pci3, 0x3f300000, 0x3ef10000, 0x30000000, 0x9800000000, 15)
