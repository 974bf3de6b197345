/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU virt with GICv4: its ITS delivers interrupts to the guest (vLPIs). */
#pragma once

#include "qemu_virt.h"

#define BOARD_NAME "qemu-virt-gicv4"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0x08000000
#define BOARD_GIC_REDIST 0x080a0000
#define BOARD_HAS_ITS 1
#define BOARD_GIC_ITS 0x08080000
#define BOARD_IOMMUFD 1
#define BOARD_EMU_MACHINE virt,virtualization=on,gic-version=4,iommu=smmuv3
#define BOARD_EMU_CPU max
