/* SPDX-License-Identifier: Apache-2.0 */
/* The host's functions on GICv2. */
#define CFG_NAME "test_cards_gicv2"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv2.h"
#include "configs/test_cards.h"
