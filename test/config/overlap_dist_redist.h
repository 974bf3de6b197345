/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*CFG_GIC_REDIST */
#include "configs/qemu_virt.h"

#undef CFG_GIC_REDIST
#define CFG_GIC_REDIST 0x08000000
