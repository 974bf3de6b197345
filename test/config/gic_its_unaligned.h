/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_ITS */
#include "configs/qemu_virt.h"

#undef CFG_GIC_ITS
#define CFG_GIC_ITS 0x08048000
