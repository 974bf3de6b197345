/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_PAYLOAD_GPA: not aligned to a page */
#include "configs/qemu_virt.h"

#undef BOARD_PAYLOAD_GPA
#define BOARD_PAYLOAD_GPA 0x70000800
