/* SPDX-License-Identifier: Apache-2.0 */
/* A guest with the RTC and a transport of the board, on GICv2. */
#define CFG_NAME "bench_soc_gicv2"
#define BENCH_TRIGGER SOC_LEVEL_HIGH

#include "board/qemu_virt_gicv2.h"
#include "configs/bench_soc.h"
