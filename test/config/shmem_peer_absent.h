/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/shmem0: peer is not one of the peers */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/dev/shm0"), 0x100000, 2, 2, 2)
