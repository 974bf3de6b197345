/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/shmem0: the partition has no row in CFG_PCI */
#include "configs/qemu_virt.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2)
