/* SPDX-License-Identifier: Apache-2.0 */
/* The guest that is killed in its interrupts, over and over, on GICv3. */
#define CFG_NAME "test_soc_owner_gicv3"
#define CFG_RESTARTS 1000
#define CFG_BACKOFF_MS 0
#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_soc.h"
