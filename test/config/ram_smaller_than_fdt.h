/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=1 OFFSET=0x40000000 IMAGE_BYTES=4 MEMORY_BYTES=4 */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x1000, RAM_LAZY)
