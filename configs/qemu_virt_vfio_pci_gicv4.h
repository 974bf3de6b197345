/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same on GICv4, whose ITS delivers the cards' interrupts without KVM, and
 * by iommufd. NVMe's MSI-X table has a BAR of its own.
 */
#define CFG_NAME "qemu_virt_vfio_pci_gicv4"
#define CFG_HOST_CMDLINE hugepages=128 kvm-arm.vgic_v4_enable=1
#define CFG_NVME nvme1
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv4.h"
#include "configs/qemu_virt_vfio_guest.h"
