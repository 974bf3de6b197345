/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_QUIT_KEY: not a control character */
#include "configs/qemu_virt.h"

#undef CFG_QUIT_KEY
#define CFG_QUIT_KEY 'q'
