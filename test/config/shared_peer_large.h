/* SPDX-License-Identifier: Apache-2.0 */
/* expect: second/shmem0: peer is not in 0..3 */
#include "configs/qemu_virt_partitions.h"

#undef CFG_SHARED
#define CFG_SHARED(X) \
	X(guest, shmem0, 1, mem0, 0) \
	X(second, shmem0, 1, mem0, 4)
