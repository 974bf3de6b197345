/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_other|CFG_ROM */
/* A row of a partition that there is not. */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(other, rom, 0, 0x08000000)
