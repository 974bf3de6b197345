/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: SCHED_FIFO priority is not in 0..99 */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X) \
	X(guest, 1, 100, CPU_PMU)
