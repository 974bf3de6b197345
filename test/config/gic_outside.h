/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_DIST[\s\S]*IPA|IPA[\s\S]*CFG_GIC_DIST */
#include "configs/qemu_virt.h"

#undef CFG_GIC_DIST
#define CFG_GIC_DIST 0x10000000000
