/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on a GICv2 host. */
#define CFG_NAME "qemu_virt_gicv2"

#include "board/qemu_virt_gicv2.h"
#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"
#include "configs/defaults.h"
