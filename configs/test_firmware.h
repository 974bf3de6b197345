/* SPDX-License-Identifier: Apache-2.0 */
/* A bare-metal test guest that is firmware: test/guest/firmware.S. */
#define CFG_NAME "test_firmware"

#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY)

#define CFG_ROM(X) \
	X(guest,     rom,  0x00000000, 0x08000000)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_FIRMWARE, "none", "none", "test")

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"
#include "configs/defaults.h"
