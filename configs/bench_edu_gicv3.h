/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that edu interrupts, on GICv3. */
#define CFG_NAME "bench_edu_gicv3"
#define CFG_FUNCTION edu0

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/bench_vfio.h"
