/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: unknown CPU feature */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X) \
	X(guest, 1, 0, CPU_PMU | 0x100)
