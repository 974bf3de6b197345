/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*uart0 */
#include "configs/qemu_virt_pci.h"

#undef CFG_PCI
#define CFG_PCI(X) \
	X(guest, pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x09000000, 10, CONSOLE)
