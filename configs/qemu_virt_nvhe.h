/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on a host without VHE (Cortex-A72), GICv3. */
#define CFG_NAME "qemu_virt_nvhe"

#include "board/qemu_virt_nvhe.h"
#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"
#include "configs/defaults.h"
