/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with devices of the board itself, on GICv3: RTC, GPIO, a UART. */
#define CFG_NAME "qemu_virt_vfio_platform"
#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_platform_guest.h"
