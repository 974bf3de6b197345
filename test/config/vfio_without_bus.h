/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/nvme0: the partition has no row in CFG_PCI_HOST */
#include "configs/qemu_virt_vfio_pci.h"

#undef CFG_PCI_HOST
#define CFG_PCI_HOST(X)
