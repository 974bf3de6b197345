/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_SHMEM, CFG_SHARED: too many rows */
#include "configs/qemu_virt_partitions.h"

#undef CFG_SHARED
#define CFG_SHARED(X) \
	X(guest, shmem0, 1, mem0, 0) \
	X(guest, shmem1, 2, mem0, 1) \
	X(guest, shmem2, 3, mem0, 2)
