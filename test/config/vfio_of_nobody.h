/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_nobody */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(nobody, nvme0, 0, nvme0)
