/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*CFG_RAM */
#include "configs/qemu_virt.h"

#undef CFG_GIC_DIST
#define CFG_GIC_DIST 0x40000000
