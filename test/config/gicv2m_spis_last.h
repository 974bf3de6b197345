/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*X\(guest, rtc0 */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_GICV2M
#undef CFG_GICV2M_SPI
#undef CFG_GICV2M_SPIS
#define CFG_GICV2M 0x08020000
#define CFG_GICV2M_SPI 48
#define CFG_GICV2M_SPIS 48

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x09010000, 95)
