/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_LOG_GPA, BOARD_LOG_BYTES: not aligned to a page, or no power of two from two pages to 16 MiB */
#include "configs/qemu_virt.h"

#undef BOARD_LOG_GPA
#define BOARD_LOG_GPA 0x78000800
