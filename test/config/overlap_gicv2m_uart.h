/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*uart0[\s\S]*CFG_GICV2M */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_GICV2M
#undef CFG_GICV2M_SPI
#undef CFG_GICV2M_SPIS
#define CFG_GICV2M 0x09000000
#define CFG_GICV2M_SPI 48
#define CFG_GICV2M_SPIS 48
