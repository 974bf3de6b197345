/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_other|layout_other|CFG_RAM */
/* A row of a partition that there is not. */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_LAZY) \
	X(other, ram2, 0x80000000, 0x1000, RAM_LAZY)
