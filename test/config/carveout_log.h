/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*CASE_CARVE_OUT */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x70200000, 0x08000000, RAM_CARVEOUT)
