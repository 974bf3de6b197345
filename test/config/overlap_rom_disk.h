/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*CFG_VIRTIO_BLK */
#include "configs/qemu_virt_uboot.h"

#undef CFG_ROM
#define CFG_ROM(X) \
	X(guest, rom, 0x0a000000, 0x00100000)
