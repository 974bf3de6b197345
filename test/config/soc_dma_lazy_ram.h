/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/vmmio: DMA needs RAM_HUGE in CFG_RAM */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x8000000, RAM_LAZY)
