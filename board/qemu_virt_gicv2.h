/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU virt with GICv2, whose virtual CPU interface KVM gives to the guest. */
#pragma once

#include "qemu_virt.h"

#define BOARD_NAME "qemu-virt-gicv2"
#define BOARD_GIC_VERSION 2
#define BOARD_GIC_DIST 0x08000000
#define BOARD_GIC_CPU 0x08010000
#define BOARD_HAS_ITS 0
#define BOARD_EMU_MACHINE virt,virtualization=on,gic-version=2,iommu=smmuv3
#define BOARD_EMU_CPU max
