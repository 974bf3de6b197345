/* SPDX-License-Identifier: Apache-2.0 */
/* A device of two functions, by iommufd, on GICv4. */
#define CFG_NAME "test_cards_multi_gicv4"
#define TEST_MULTI
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv4.h"
#include "configs/test_cards.h"
