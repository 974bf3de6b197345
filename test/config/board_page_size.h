/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_PAGE_SIZE, BOARD_HUGEPAGE_SIZE: not a power of two */
#include "configs/qemu_virt.h"

#undef BOARD_PAGE_SIZE
#define BOARD_PAGE_SIZE 0x3000
