/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value */
#include "configs/qemu_virt_vfio_pci.h"

#include "test/config/two_partitions.inc"

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_HUGE) \
	X(second, ram, 0x40000000, 0x10000000, RAM_HUGE)
#undef CFG_PCI_HOST
#define CFG_PCI_HOST(X) \
	X(guest, pci1, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11) \
	X(second, pci1, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11)
#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(guest, nvme0, 1, nvme0) \
	X(second, nvme0, 1, nvme0)
