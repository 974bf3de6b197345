/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VFIO_PCI: too many rows */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(guest, a, 0, nvme0) \
	X(guest, b, 1, nic0) \
	X(guest, c, 2, vblk0) \
	X(guest, d, 3, vnet0) \
	X(guest, e, 0, edu0)
