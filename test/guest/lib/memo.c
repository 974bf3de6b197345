/* SPDX-License-Identifier: Apache-2.0 */
/* State across resets in the last sector of slot 0. */
#include "memo.h"

#include "arm.h"
#include "check.h"
#include "vblk.h"

#define MAGIC	0x6f6d656d74736574ull
#define WHERE	(DISK_SECTORS - 1)

static uint8_t sector[SECTOR] __attribute__((aligned(16)));

static int transfer(uint32_t type)
{
	struct vdev d;

	MUST(vdev_find(&d, SLOT_BLK, VIRTIO_ID_BLOCK));
	MUST(vdev_start(&d, VIRTIO_BLK_F_FLUSH, 16));
	MUST(blk_do(&d, type, WHERE, sector, SECTOR) == VIRTIO_BLK_S_OK);
	if (type == VIRTIO_BLK_T_OUT) {
		MUST(blk_do(&d, VIRTIO_BLK_T_FLUSH, 0, NULL, 0) ==
		     VIRTIO_BLK_S_OK);
	}
	vdev_reset(&d);
	return 0;
}

int memo_load(struct memo *m)
{
	MUST_PASS(transfer(VIRTIO_BLK_T_IN));
	memcpy(m, sector, sizeof(*m));
	if (m->magic != MAGIC) {
		*m = (struct memo){ 0 };
	}
	return 0;
}

int memo_save(struct memo *m)
{
	m->magic = MAGIC;
	memset(sector, 0, sizeof(sector));
	memcpy(sector, m, sizeof(*m));
	return transfer(VIRTIO_BLK_T_OUT);
}

int memo_clear(void)
{
	blk_fill(sector, WHERE, 1);
	return transfer(VIRTIO_BLK_T_OUT);
}
