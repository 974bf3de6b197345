/* SPDX-License-Identifier: Apache-2.0 */
/* The default: Linux on QEMU's virt board, GICv3, host in VHE mode. */
#define CFG_NAME "qemu_virt"

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"
#include "configs/defaults.h"
