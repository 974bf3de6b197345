/* SPDX-License-Identifier: Apache-2.0 */
/* expect: board_pci_id_nvme9 */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(guest, nvme0, 0, nvme9)
