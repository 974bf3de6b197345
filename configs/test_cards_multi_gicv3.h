/* SPDX-License-Identifier: Apache-2.0 */
/* A device of two functions, one IOMMU group, on GICv3. */
#define CFG_NAME "test_cards_multi_gicv3"
#define TEST_MULTI
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_cards.h"
