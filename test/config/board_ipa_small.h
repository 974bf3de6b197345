/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_IPA_BITS: not in 32..48 */
#include "configs/qemu_virt.h"

#undef BOARD_IPA_BITS
#define BOARD_IPA_BITS 31
