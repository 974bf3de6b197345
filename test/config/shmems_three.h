/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_SHMEM, CFG_SHARED: too many rows */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2) \
	X(guest, shmem1, 2, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2) \
	X(guest, shmem2, 3, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2)
