/* SPDX-License-Identifier: Apache-2.0 */
/* A guest with an NVMe whose MSI-X table shares a BAR, on GICv3. */
#define CFG_NAME "bench_nvme_gicv3"
#define CFG_FUNCTION nvme0

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/bench_vfio.h"
