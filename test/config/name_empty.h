/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_NAME: empty */
#include "configs/qemu_virt.h"

#undef CFG_NAME
#define CFG_NAME ""
