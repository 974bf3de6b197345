/* SPDX-License-Identifier: Apache-2.0 */
/* As test_soc_gicv3.h, with an RTC that is a platform device, too. */
#define CFG_NAME "test_soc_platform_gicv3"
#define BOARD_SOC_BUS "platform"
#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_soc.h"
