/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M17: the 16-bit ring indices wrap. REQUESTS reads in batches of five, with
 * and without event index, over a queue whose size is no divisor of a batch.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "vblk.h"

#ifndef REQUESTS
#define REQUESTS 70000
#endif
#define BATCH 5u

static struct vdev blk;
static struct blk reqs[BATCH];
static uint8_t buf[BATCH * SECTOR] __attribute__((aligned(4096)));

static int batch(uint32_t sector)
{
	uint16_t idx = vq_used_idx(&blk) + BATCH;

	for (uint16_t i = 0; i < BATCH; i++) {
		uint16_t at = i * 3;

		reqs[i].req = (struct virtio_blk_req){ .sector = sector + i };
		reqs[i].status = BLK_PENDING;
		vq_desc(&blk, at, &reqs[i].req, 16, VIRTQ_DESC_F_NEXT, at + 1);
		vq_desc(&blk, at + 1, buf + i * SECTOR, SECTOR,
			VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE, at + 2);
		vq_desc(&blk, at + 2, &reqs[i].status, 1, VIRTQ_DESC_F_WRITE,
			0);
		vq_push(&blk, at);
	}
	vq_kick(&blk);
	MUST(vq_wait(&blk, idx));
	for (unsigned int i = 0; i < BATCH; i++) {
		MUST(reqs[i].status == VIRTIO_BLK_S_OK);
	}
	MUST(blk_match(buf, sector, BATCH));
	return 0;
}

static int wrap(uint64_t features)
{
	MUST(vdev_start(&blk, features, 16));
	for (unsigned int i = 0; i < REQUESTS / BATCH; i++) {
		MUST_PASS(batch(i * 7 % (DISK_SECTORS - BATCH)));
	}
	MUST(blk.q.avail->idx == (uint16_t)(REQUESTS / BATCH * BATCH));
	return 0;
}

static int m17_wrap(void)
{
	return wrap(0);
}

static int m17_wrap_event_idx(void)
{
	return wrap(VIRTIO_F_EVENT_IDX);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m17_wrap", m17_wrap },
		{ "m17_wrap_event_idx", m17_wrap_event_idx },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
