/* SPDX-License-Identifier: Apache-2.0 */
/* The board header has another size of a region than the device. */
#define CFG_NAME "test_soc_size"
#define ODD_TREE "build/system/test_soc_size.dtb"
#define ODD_SIZE 0x2000

#include "configs/test_soc_odd.h"
