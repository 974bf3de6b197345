/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .row_guest_ram.[\s\S]*CFG_ROM */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(guest, ram, 0, 0x08000000)
