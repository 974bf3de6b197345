/* SPDX-License-Identifier: Apache-2.0 */
/* A board that has no writes that make its devices quiet, on GICv3. */
#define CFG_NAME "test_soc_loud_gicv3"
#include "board/qemu_virt_soc.h"
#undef BOARD_SOC_QUIESCE
#define BOARD_SOC_QUIESCE(X)
#include "board/qemu_virt_gicv3.h"
#include "configs/test_soc.h"
