/* SPDX-License-Identifier: Apache-2.0 */
/* The board header has more interrupts than the device. */
#define CFG_NAME "test_soc_lines"
#define ODD_TREE "build/system/test_soc_lines.dtb"
#define ODD_LINES 2

#include "configs/test_soc_odd.h"
