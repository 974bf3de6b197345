/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_CPU */
#include "configs/qemu_virt_gicv2.h"

#undef CFG_GIC_CPU
#define CFG_GIC_CPU 0x08010800
