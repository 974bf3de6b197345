/* SPDX-License-Identifier: Apache-2.0 */
/* The host's functions by iommufd, on GICv4. */
#define CFG_NAME "test_cards_gicv4"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv4.h"
#include "configs/test_cards.h"
