/* SPDX-License-Identifier: Apache-2.0 */
/* The same on GICv2. */
#define CFG_NAME "qemu_virt_vfio_platform_gicv2"
#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv2.h"
#include "configs/qemu_virt_platform_guest.h"
