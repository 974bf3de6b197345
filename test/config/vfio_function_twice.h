/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*X\(guest, other */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(guest, nvme0, 0, nvme0) \
	X(guest, other, 1, nvme0)
