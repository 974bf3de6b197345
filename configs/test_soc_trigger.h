/* SPDX-License-Identifier: Apache-2.0 */
/* The board header says edge, and the device is level. */
#define CFG_NAME "test_soc_trigger"
#define ODD_TREE "build/system/test_soc_trigger.dtb"
#define ODD_TRIGGER SOC_EDGE_RISING

#include "configs/test_soc_odd.h"
