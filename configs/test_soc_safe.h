/* SPDX-License-Identifier: Apache-2.0 */
/* A board that does not allow what no IOMMU isolates. */
#define CFG_NAME "test_soc_safe"
#define BOARD_UNSAFE_DMA 0

#include "configs/test_soc_odd.h"
