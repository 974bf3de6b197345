/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian's unmodified U-Boot for QEMU's virt board, started as QEMU's -bios
 * does. The ROM is as large as that board's two flash banks: U-Boot looks for
 * its environment in the second one, finds zeros, and uses its default.
 */
#define CFG_NAME "qemu_virt_uboot"

/*        partition  name  gpa         size */
#define CFG_ROM(X) \
	X(guest,     rom,  0x00000000, 0x08000000)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_FIRMWARE, "u-boot", "none", "")

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"
#include "configs/defaults.h"
