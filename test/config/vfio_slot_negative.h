/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/nvme0: PCI slot is not in 0\.\.3 */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(guest, nvme0, -1, nvme0)
