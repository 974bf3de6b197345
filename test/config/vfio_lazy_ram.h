/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/nvme0: DMA needs RAM_HUGE in CFG_RAM */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_LAZY)
