/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram2: RAM is not page-aligned */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_LAZY) \
	X(guest, ram2, 0x80000000, 0x1800, RAM_LAZY)
