/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, rtc0[\s\S]*X\(guest, +uart0 */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x09000000, 2)
