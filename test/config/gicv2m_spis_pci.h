/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_GICV2M
#undef CFG_GICV2M_SPI
#undef CFG_GICV2M_SPIS
#define CFG_GICV2M 0x08020000
#define CFG_GICV2M_SPI 48
#define CFG_GICV2M_SPIS 48

#undef CFG_PCI
#define CFG_PCI(X) \
	X(guest, pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 41)
