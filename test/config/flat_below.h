/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=1 OFFSET=0x3ffff000 */
#include "configs/qemu_virt.h"


