/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disk's file is cut to 4 MiB while the guest runs. The guest prints
 * 'ready' and waits for a character; the host truncates slot 0's file, then
 * sends it. What is gone must read as an I/O error, the rest as before.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "vblk.h"

static struct vdev blk;
static uint8_t buf[SECTOR * 16] __attribute__((aligned(4096)));

int main(void)
{
	const uint32_t cut = DISK_SECTORS / 2;

	MUST_PASS(blk_setup(&blk));
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, cut - 8, buf, 16 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	say("ready\n");
	while (uart_get() < 0) {
	}
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, cut, buf, SECTOR) ==
	     VIRTIO_BLK_S_IOERR);
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, cut - 8, buf, 16 * SECTOR) ==
	     VIRTIO_BLK_S_IOERR);
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, DISK_SECTORS - 1, buf, SECTOR) ==
	     VIRTIO_BLK_S_IOERR);
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, cut - 16, buf, 16 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, cut - 16, 16));
	MUST(!vdev_broken(&blk));
	return 0;
}
