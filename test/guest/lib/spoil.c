/* SPDX-License-Identifier: Apache-2.0 */
/* One valid block request to spoil, and what must come of it. */
#include "spoil.h"

#include "arm.h"
#include "check.h"
#include "say.h"

struct vdev blk;
struct blk req;
uint8_t buf[8192] __attribute__((aligned(4096)));

int ring_broken(void)
{
	uint64_t end = counter() + counter_ms(10000);

	while (!vdev_broken(&blk) && counter() < end) {
	}
	MUST(vdev_broken(&blk));
	MUST((vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) &
	      VIRTIO_MMIO_INT_CONFIG) != 0);
	vq_kick(&blk);
	MUST(vdev_broken(&blk));
	return 0;
}

int must_break(void)
{
	int outcome = blk_submit(&blk, &req);

	if (outcome != BLK_BROKEN) {
		say("  outcome %d\n", outcome);
	}
	MUST(outcome == BLK_BROKEN);
	return ring_broken();
}

int must_read(uint64_t sector, const void *at, uint32_t count)
{
	int outcome = blk_submit(&blk, &req);

	if (outcome != VIRTIO_BLK_S_OK) {
		say("  outcome %d\n", outcome);
	}
	MUST(outcome == VIRTIO_BLK_S_OK);
	MUST(blk_match(at, sector, count));
	return 0;
}

int must_answer(void)
{
	MUST(blk_submit(&blk, &req) != BLK_SILENT);
	return 0;
}

int begin_with(uint64_t features)
{
	MUST(vdev_start(&blk, features, NUM));
	memset(buf, 0, sizeof(buf));
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 20, buf, SECTOR);
	return 0;
}

int begin(void)
{
	return begin_with(0);
}
