/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: a Linux Image needs RAM aligned to 2 MiB */
/* payload: FLAT=0 OFFSET=0 */
#include "configs/qemu_virt.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40100000, 0x10000000, RAM_LAZY)
