/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/pci0: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt_pci.h"

#undef CFG_PCI
#define CFG_PCI(X) \
	X(guest, pci0, 0x3f000000, 0xffffff0000, 0x10000000, 0x8000000000, 3)
