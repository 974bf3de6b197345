/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_other */
#include "configs/qemu_virt_pci.h"

#undef CFG_PCI
#define CFG_PCI(X) \
	X(other, pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)
