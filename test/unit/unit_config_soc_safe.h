/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of unit_config_soc.h on a board that wants an IOMMU. */
#define BOARD_UNSAFE_DMA 0

#include "test/unit/unit_config_soc.h"
