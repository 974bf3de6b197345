/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value */
#include "configs/qemu_virt.h"

#undef CFG_STATUS
#define CFG_STATUS(X) \
	X(guest, status0, 0x09000000)
