/* SPDX-License-Identifier: Apache-2.0 */
/* A guest with an NVMe whose MSI-X table has its own BAR, on GICv4. */
#define CFG_NAME "bench_nvme_gicv4"
#define CFG_FUNCTION nvme1

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv4.h"
#include "configs/bench_vfio.h"
