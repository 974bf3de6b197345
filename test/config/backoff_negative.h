/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_BACKOFF_MS */
#include "configs/qemu_virt.h"

#undef CFG_BACKOFF_MS
#define CFG_BACKOFF_MS -100
