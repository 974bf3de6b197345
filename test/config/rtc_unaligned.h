/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rtc0: window is not page-aligned */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x09010100, 2)
