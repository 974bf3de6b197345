/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_REDIST */
#include "configs/qemu_virt.h"

#undef CFG_GIC_REDIST
#define CFG_GIC_REDIST 0x080a1000
