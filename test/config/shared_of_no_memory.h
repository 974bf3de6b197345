/* SPDX-License-Identifier: Apache-2.0 */
/* expect: memory_mem1.*undeclared */
#include "configs/qemu_virt_partitions.h"

#undef CFG_SHARED
#define CFG_SHARED(X) \
	X(guest, shmem0, 1, mem1, 0) \
	X(second, shmem0, 1, mem1, 1)
