/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram: unknown RAM policy */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, 9)
