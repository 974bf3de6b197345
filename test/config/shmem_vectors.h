/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/shmem0: number of vectors is not in 0\.\.4 */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 5)
