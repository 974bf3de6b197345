/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*CFG_PL011 */
#include "configs/qemu_virt.h"

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x4ffff000, 1, CONSOLE)
