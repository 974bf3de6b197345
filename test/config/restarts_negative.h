/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_RESTARTS */
#include "configs/qemu_virt.h"

#undef CFG_RESTARTS
#define CFG_RESTARTS -1
