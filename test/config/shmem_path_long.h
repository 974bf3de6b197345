/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/shmem0: path is not of 1 to 99 characters */
#include "configs/qemu_virt_pci.h"

#undef CFG_SHMEM
#define CFG_SHMEM(X) \
	X(guest, shmem0, 1, HOST_FILE("/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), 0x100000, 0, 2, 2)
