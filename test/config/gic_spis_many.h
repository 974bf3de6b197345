/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_GIC_SPIS: not a multiple of 32 */
#include "configs/qemu_virt.h"

#undef CFG_GIC_SPIS
#define CFG_GIC_SPIS 992
