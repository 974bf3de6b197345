/* SPDX-License-Identifier: Apache-2.0 */
/* Block requests and the checks that a disk still works. */
#include "vblk.h"

#include "arm.h"
#include "check.h"

static struct vdev *victim;
static struct vdev other;

void blk_chain(struct vdev *d, struct blk *b, uint32_t type, uint64_t sector,
	       void *buf, uint32_t len)
{
	bool in = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;

	b->req = (struct virtio_blk_req){ .type = type, .sector = sector };
	b->status = BLK_PENDING;
	vq_desc(d, 0, &b->req, sizeof(b->req), VIRTQ_DESC_F_NEXT,
		len == 0 ? 2 : 1);
	vq_desc(d, 1, buf, len,
		VIRTQ_DESC_F_NEXT | (in ? VIRTQ_DESC_F_WRITE : 0), 2);
	vq_desc(d, 2, &b->status, 1, VIRTQ_DESC_F_WRITE, 0);
}

int blk_submit(struct vdev *d, struct blk *b)
{
	uint16_t idx = vq_used_idx(d) + 1;

	vq_push(d, 0);
	vq_kick(d);
	if (vq_wait(d, idx)) {
		return b->status;
	}
	return vdev_broken(d) ? BLK_BROKEN : BLK_SILENT;
}

int blk_do(struct vdev *d, uint32_t type, uint64_t sector, void *buf,
	   uint32_t len)
{
	static struct blk blks[8];
	struct blk *b = &blks[d->slot % NELEM(blks)];

	blk_chain(d, b, type, sector, buf, len);
	return blk_submit(d, b);
}

void blk_fill(void *buf, uint64_t sector, uint32_t count)
{
	uint64_t *word = buf;

	for (uint32_t i = 0; i < count * SECTOR / 8; i++) {
		word[i] = (sector + i / (SECTOR / 8)) << 32 | i % (SECTOR / 8);
	}
}

bool blk_match(const void *buf, uint64_t sector, uint32_t count)
{
	const volatile uint64_t *word = buf;

	for (uint32_t i = 0; i < count * SECTOR / 8; i++) {
		if (word[i] != ((sector + i / (SECTOR / 8)) << 32 |
				i % (SECTOR / 8))) {
			return false;
		}
	}
	return true;
}

int blk_answers(struct vdev *d)
{
	static uint8_t buf[SECTOR] __attribute__((aligned(16)));
	static uint32_t sector;

	sector = (sector + 97) % DISK_SECTORS;
	memset(buf, 0xee, sizeof(buf));
	MUST(blk_do(d, VIRTIO_BLK_T_IN, sector, buf, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, sector, 1));
	MUST(!vdev_broken(d));
	return 0;
}

int blk_reads_and_writes(struct vdev *d)
{
	static uint8_t data[8 * SECTOR];

	MUST(blk_do(d, VIRTIO_BLK_T_IN, 300, data, 8 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(data, 300, 8));
	memset(data, 0x42, SECTOR);
	MUST(blk_do(d, VIRTIO_BLK_T_OUT, 301, data, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	memset(data, 0, SECTOR);
	MUST(blk_do(d, VIRTIO_BLK_T_IN, 301, data, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(data[0] == 0x42 && data[SECTOR - 1] == 0x42);
	blk_fill(data, 301, 1);
	MUST(blk_do(d, VIRTIO_BLK_T_OUT, 301, data, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_do(d, VIRTIO_BLK_T_FLUSH, 0, NULL, 0) ==
	     VIRTIO_BLK_S_OK);
	return 0;
}

int blk_alive(struct vdev *d)
{
	MUST(vdev_start(d, 0, 16));
	return blk_answers(d);
}

int blk_setup(struct vdev *d)
{
	victim = d;
	MUST(vdev_find(d, SLOT_BLK, VIRTIO_ID_BLOCK));
	MUST(d->version == 2);
	MUST(vdev_find(&other, SLOT_BLK_OTHER, VIRTIO_ID_BLOCK));
	MUST_PASS(blk_alive(&other));
	return blk_alive(d);
}

int blk_after_case(void)
{
	MUST_PASS(blk_alive(victim));
	return blk_answers(&other);
}
