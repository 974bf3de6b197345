/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/pci0: MEM32 window is not below 4 GiB */
#include "configs/qemu_virt_pci.h"

#undef CFG_PCI
#define CFG_PCI(X) \
	X(guest, pci0, 0x3f000000, 0x3efe0000, 0x100000000, 0x8000000000, 3)
