/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: the firmware.{1,2}s FDT does not fit in RAM */
#include "configs/qemu_virt_uboot.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0xf000, RAM_LAZY)
