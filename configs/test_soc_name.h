/* SPDX-License-Identifier: Apache-2.0 */
/* The board header names a device that the host does not have. */
#define CFG_NAME "test_soc_name"
#define ODD_TREE "build/system/test_soc_name.dtb"
#define ODD_HOST "9050000.pl061"
#define ODD_UNIT 9050000
#define ODD_ADDRESS 0x09050000

#include "configs/test_soc_odd.h"
