/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_RESET_MS: not in 0..60000 */
#define CFG_RESET_MS 60001
#include "configs/qemu_virt.h"
