/* SPDX-License-Identifier: Apache-2.0 */
/* expect: layout_guest_ram_gpa.*undeclared */
/* The payload goes to the row that is called ram. */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, memory, 0x40000000, 0x10000000, RAM_LAZY)
