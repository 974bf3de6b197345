/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/(disk0|uart0)|overlapping[\s\S]*(disk0|uart0) */
/* On hosts of 64 KiB pages the disk's register page would hide the UART. */
#include "configs/qemu_virt.h"

#undef BOARD_PAGE_SIZE
#define BOARD_PAGE_SIZE 0x10000

#undef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest, disk0, 0x09001000, 16, VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)
