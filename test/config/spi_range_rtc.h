/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rtc0: SPI out of range */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x09010000, 96)
