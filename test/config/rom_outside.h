/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rom: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(guest, rom, 0x10000000000, 0x00100000)
