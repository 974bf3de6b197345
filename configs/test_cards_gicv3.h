/* SPDX-License-Identifier: Apache-2.0 */
/* The host's functions by container and groups, on GICv3. */
#define CFG_NAME "test_cards_gicv3"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_cards.h"
