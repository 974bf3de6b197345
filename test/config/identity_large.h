/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram: RAM at host addresses is of more than 512 hugepages */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, BOARD_RAM_GPA, 0x40200000, RAM_IDENTITY)
