/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: firmware and CFG_ROM need each other */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X)
