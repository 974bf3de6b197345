/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=0 OFFSET=0 INITRD_BYTES=0x10000000 */
#include "configs/qemu_virt.h"


