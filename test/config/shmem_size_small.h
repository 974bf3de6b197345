/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/shmem0: size is not a power of two from a page to 1 GiB */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/dev/shm0"), 0x800, 0, 2, 2)
