/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_WATCHDOG_SECONDS: not in 0..3600 */
#include "configs/qemu_virt.h"

#undef CFG_WATCHDOG_SECONDS
#define CFG_WATCHDOG_SECONDS 3601
