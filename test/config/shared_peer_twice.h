/* SPDX-License-Identifier: Apache-2.0 */
/* expect: mem0: its peers in CFG_SHARED are not 0, 1 and so on, two at least: a doorbell would ring at nobody */
#include "configs/qemu_virt_partitions.h"

#undef CFG_SHARED
#define CFG_SHARED(X) \
	X(guest, shmem0, 1, mem0, 0) \
	X(second, shmem0, 1, mem0, 0)
