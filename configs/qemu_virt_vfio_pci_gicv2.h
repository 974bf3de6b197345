/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same on GICv2: no ITS, so messages go through a GICv2m frame. Nothing
 * isolates the interrupts of the host there, which VFIO wants to be told.
 */
#define CFG_NAME "qemu_virt_vfio_pci_gicv2"
#define CFG_HOST_CMDLINE \
	hugepages=128 \
	vfio_iommu_type1.allow_unsafe_interrupts=1
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv2.h"
#include "configs/qemu_virt_vfio_guest.h"
