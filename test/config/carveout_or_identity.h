/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_RAM: RAM_IDENTITY could be in a RAM_CARVEOUT: choose one */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_partitions.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, BOARD_RAM_GPA, 0x08000000, RAM_IDENTITY) \
	X(second, ram, 0x52000000, 0x08000000, RAM_CARVEOUT)
