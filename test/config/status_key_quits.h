/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_STATUS_KEY: not a control character of its own */
#include "configs/qemu_virt.h"

#undef CFG_STATUS_KEY
#define CFG_STATUS_KEY CFG_QUIT_KEY
