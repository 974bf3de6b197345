/* SPDX-License-Identifier: Apache-2.0 */
/* qemu_virt_vfio_platform for a partition that is killed over and over. */
#define CFG_NAME "test_platform_kill"
#define CFG_RESTARTS 1000
#define CFG_BACKOFF_MS 0

#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_platform_guest.h"
