/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/pci2: IO window is not aligned to its size */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_PCI_HOST
#define CFG_PCI_HOST(X) \
	X(guest, pci2, 0x3f200000, 0x3ef08000, 0x20000000, 0x9000000000, 11)
