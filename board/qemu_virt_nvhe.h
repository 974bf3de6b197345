/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU virt with GICv3 and a Cortex-A72: no VHE, so the host runs at EL1. */
#pragma once

/*
 * Given a tree, QEMU adds no random seed to it, and this CPU has no generator:
 * guests would start without a seed of their own.
 */
#define BOARD_LOG_GPA 0
#define BOARD_LOG_BYTES 0
#define BOARD_PAYLOAD_GPA 0
#define BOARD_HOST_DT(X)

#include "qemu_virt.h"

#define BOARD_NAME "qemu-virt-nvhe"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0x08000000
#define BOARD_GIC_REDIST 0x080a0000
#define BOARD_HAS_ITS 1
#define BOARD_GIC_ITS 0x08080000
#define BOARD_EMU_MACHINE virt,virtualization=on,gic-version=3,iommu=smmuv3
#define BOARD_EMU_CPU cortex-a72
