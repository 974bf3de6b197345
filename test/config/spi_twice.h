/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*X\(guest, rtc0[\s\S]*CASE_SPI */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x09010000, 1)
