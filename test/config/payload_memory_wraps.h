/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=0 OFFSET=0x200000 MEMORY_BYTES=0xfffffffffff00000 */
/* An image_size of nearly 2^64 in a broken Image header. */
#include "configs/qemu_virt.h"


