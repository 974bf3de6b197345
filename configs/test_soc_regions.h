/* SPDX-License-Identifier: Apache-2.0 */
/* The board header has more regions of registers than the device. */
#define CFG_NAME "test_soc_regions"
#define ODD_TREE "build/system/test_soc_regions.dtb"
#define ODD_REGIONS 2

#include "configs/test_soc_odd.h"
