/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rom: ROM of no size */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(guest, rom, 0, 0)
