/* SPDX-License-Identifier: Apache-2.0 */
/* The bare-metal test guests of PCI on a GICv2 host. */
#define CFG_NAME "test_pci_gicv2"

#include "board/qemu_virt_gicv2.h"
#include "configs/test_pci.h"
