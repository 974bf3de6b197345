/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, ram2 */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_LAZY) \
	X(guest, ram2, 0x4ffff000, 0x2000, RAM_LAZY)
