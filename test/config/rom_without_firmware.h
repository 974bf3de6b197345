/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: firmware and CFG_ROM need each other */
#include "configs/qemu_virt.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(guest, rom, 0x00000000, 0x08000000)
