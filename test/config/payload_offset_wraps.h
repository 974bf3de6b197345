/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: payload, initrd and FDT do not fit in RAM */
/* payload: FLAT=0 OFFSET=0xffffffffc0000000 */
/* 0x40000000 + this is 0. */
#include "configs/qemu_virt.h"


