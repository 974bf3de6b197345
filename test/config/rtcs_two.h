/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PL031: too many rows */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x09010000, 2) \
	X(guest, rtc1, 0x09011000, 3)
