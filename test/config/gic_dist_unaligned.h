/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_DIST */
/* KVM wants 64 KiB for GICv3 (arm-vgic-v3.rst). */
#include "configs/qemu_virt.h"

#undef CFG_GIC_DIST
#define CFG_GIC_DIST 0x08001000
