/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .row_guest_disk0 */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X) \
	X(guest, disk0, 0, nvme0)
