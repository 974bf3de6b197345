/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/pci2: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_PCI_HOST
#define CFG_PCI_HOST(X) \
	X(guest, pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x10000000000, 11)
