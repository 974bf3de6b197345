/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/shmem0: PCI slot is not in 1\.\.31 */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 32, HOST_FILE("/dev/shm0"), 0x100000, 0, 2, 2)
