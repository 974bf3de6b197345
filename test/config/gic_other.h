/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_VERSION: the board has another GIC */
#include "configs/qemu_virt.h"

#undef CFG_GIC_VERSION
#define CFG_GIC_VERSION 2
