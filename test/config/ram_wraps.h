/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram2: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_LAZY) \
	X(guest, ram2, 0xfffffffffffff000, 0x2000, RAM_LAZY)
