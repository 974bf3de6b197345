/* SPDX-License-Identifier: Apache-2.0 */
/* The bare-metal test guests of PCI on a GICv3 host. */
#define CFG_NAME "test_pci_gicv3"

#include "board/qemu_virt_gicv3.h"
#include "configs/test_pci.h"
