/* SPDX-License-Identifier: Apache-2.0 */
/* The same where the host's device tree says that the RTC's line is an edge. */
#define CFG_NAME "bench_soc_edge_gicv3"
#define BENCH_TRIGGER SOC_EDGE_RISING

#include "board/qemu_virt_gicv3.h"
/* As test/bench/bench.mk makes it. */
#undef BOARD_HOST_DTB
#define BOARD_HOST_DTB "build/bench/edge-gicv3.dtb"
#include "configs/bench_soc.h"
