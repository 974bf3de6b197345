/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GICV2M: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_GICV2M
#undef CFG_GICV2M_SPI
#undef CFG_GICV2M_SPIS
#define CFG_GICV2M 0x10000000000
#define CFG_GICV2M_SPI 48
#define CFG_GICV2M_SPIS 48
