/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=1 OFFSET=0x4fff0000 IMAGE_BYTES=0x20000 MEMORY_BYTES=0x20000 */
#include "configs/qemu_virt.h"


