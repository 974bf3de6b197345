/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram: RAM_IDENTITY needs a payload that is an Image */
/* payload: FLAT=1 */
#include "configs/qemu_virt_vfio_platform.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, BOARD_RAM_GPA, 0x8000000, RAM_IDENTITY)
