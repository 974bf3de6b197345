/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: RAM at host addresses is not the one bank */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, BOARD_RAM_GPA, 0x8000000, RAM_IDENTITY) \
	X(guest, ram2, 0x200000000, 0x200000, RAM_HUGE)
