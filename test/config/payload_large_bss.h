/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=0 OFFSET=0 IMAGE_BYTES=4096 MEMORY_BYTES=0x0fff8000 */
/* It fits, but the FDT behind it does not. */
#include "configs/qemu_virt.h"


