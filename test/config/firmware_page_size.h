/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: firmware needs host pages of 4 KiB */
#include "configs/qemu_virt_uboot.h"

#undef BOARD_PAGE_SIZE
#define BOARD_PAGE_SIZE 0x10000
