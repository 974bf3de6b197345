/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .partition_guest. */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X) \
	X(guest, 1, 0, CPU_PMU) \
	X(guest, 0, 0, CPU_PMU)
