/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GICV2M_SPI: SPI out of range */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_GICV2M
#undef CFG_GICV2M_SPI
#undef CFG_GICV2M_SPIS
#define CFG_GICV2M 0x08020000
#define CFG_GICV2M_SPI 49
#define CFG_GICV2M_SPIS 48
