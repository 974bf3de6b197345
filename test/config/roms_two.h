/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_ROM: too many rows */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(guest, rom, 0, 0x04000000) \
	X(guest, rom1, 0x04000000, 0x04000000)
