/* SPDX-License-Identifier: Apache-2.0 */
/* The board's own devices, the RTC on the AMBA bus, on GICv2. */
#define CFG_NAME "test_soc_gicv2"
#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv2.h"
#include "configs/test_soc.h"
