/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*X\(guest, shmem1 */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2) \
	X(guest, shmem1, 1, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2)
