/* SPDX-License-Identifier: Apache-2.0 */
/* qemu_virt with guest RAM in hugepages, all present before it starts. */
#define CFG_NAME "qemu_virt_hugepages"
#define CFG_HOST_CMDLINE hugepages=128

#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x10000000, RAM_HUGE)

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"
#include "configs/defaults.h"
