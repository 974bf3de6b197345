/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=1 OFFSET=0xfffffffffffff000 IMAGE_BYTES=0x2000 MEMORY_BYTES=0x2000 */
/* Its end wraps 64 bits. */
#include "configs/qemu_virt.h"


