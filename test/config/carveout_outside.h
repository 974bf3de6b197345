/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram: RAM_CARVEOUT is not in BOARD_RAM_GPA and BOARD_RAM_BYTES */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, BOARD_RAM_GPA + BOARD_RAM_BYTES - 0x04000000, 0x08000000, \
	  RAM_CARVEOUT)
