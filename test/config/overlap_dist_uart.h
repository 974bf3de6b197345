/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, uart0[\s\S]*CFG_GIC_DIST */
#include "configs/qemu_virt.h"

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x0800f000, 1, CONSOLE)
