/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with four of the board's PCI cards, on GICv3: an NVMe, NICs, a disk. */
#define CFG_NAME "qemu_virt_vfio_pci"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_vfio_guest.h"
