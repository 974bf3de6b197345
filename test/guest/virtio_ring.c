/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on the split virtqueue: chains and available ring (M13 to M19). The
 * answer to a ring that cannot be used is DEVICE_NEEDS_RESET with a
 * configuration interrupt (virtio 1.2, 2.1.2), until the driver resets the
 * device.
 */
#include "arm.h"
#include "check.h"
#include "spoil.h"

/* ---- chains ---- */

static int m13_self_loop(void)
{
	MUST_PASS(begin());
	blk.q.desc[0].next = 0;
	return must_break();
}

/* Only status = 0 heals: not the driver's usual bits, not a new queue. */
static int broken_stays(void)
{
	MUST_PASS(m13_self_loop());
	vdev_write(&blk, VIRTIO_MMIO_STATUS, 0xf);
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 20, buf, SECTOR);
	vq_push(&blk, 0);
	vq_kick(&blk);
	(void)vdev_queue(&blk);
	vq_kick(&blk);
	delay_us(20000);
	MUST(req.status == BLK_PENDING);
	MUST(vdev_broken(&blk));
	return 0;
}

static int m13_self_loop_writable(void)
{
	MUST_PASS(begin());
	blk.q.desc[1].next = 1;
	return must_break();
}

static int m14_two_node_loop(void)
{
	MUST_PASS(begin());
	blk.q.desc[2].flags |= VIRTQ_DESC_F_NEXT;
	blk.q.desc[2].next = 1;
	return must_break();
}

/* All of num descriptors, then back to the first. */
static int m15_num_plus_1(void)
{
	MUST_PASS(begin());
	for (uint16_t i = 1; i < NUM; i++) {
		vq_desc(&blk, i, buf, SECTOR,
			VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE,
			(i + 1) % NUM);
	}
	return must_break();
}

static int next_out_of_range(uint16_t next)
{
	MUST_PASS(begin());
	blk.q.desc[1].next = next;
	return must_break();
}

static int m15_next_out_of_range(void)
{
	MUST_PASS(next_out_of_range(NUM));
	MUST_PASS(next_out_of_range(0x7fff));
	return next_out_of_range(0xffff);
}

static int m16_len_0(void)
{
	MUST_PASS(begin());
	blk.q.desc[1].len = 0;
	return must_answer();
}

static int m16_len_0_everywhere(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		MUST_PASS(begin());
		blk.q.desc[i].len = 0;
		MUST_PASS(must_answer());
	}
	MUST_PASS(begin());
	for (uint16_t i = 0; i < NUM; i++) {
		vq_desc(&blk, i, buf, 0, i < NUM - 1 ? VIRTQ_DESC_F_NEXT : 0,
			i + 1);
	}
	return must_answer();
}

/* ---- available ring ---- */

static int avail_jump(uint16_t from, uint16_t by)
{
	MUST_PASS(begin());
	for (uint16_t i = 0; i < from; i++) {
		MUST_PASS(must_read(20, buf, 1));
	}
	blk.q.avail->idx += by;
	vq_kick(&blk);
	return ring_broken();
}

static int m17_avail_jump(void)
{
	MUST_PASS(avail_jump(0, NUM + 1));
	MUST_PASS(avail_jump(3, NUM + 1));
	MUST_PASS(avail_jump(0, 0x8000));
	return avail_jump(3, 0x7fff);
}

static int m17_avail_back(void)
{
	MUST_PASS(avail_jump(0, 0xffff));
	MUST_PASS(avail_jump(1, 0xffff));
	return avail_jump(5, 0xfffe);
}

/* A jump of exactly num is a full ring of the same head: see m19. */
static int m17_full_ring(void)
{
	static struct blk reqs[NUM / 2];
	uint16_t count = NUM / 2;

	MUST_PASS(begin());
	for (uint16_t i = 0; i < count; i++) {
		reqs[i].req = (struct virtio_blk_req){
			.type = VIRTIO_BLK_T_FLUSH };
		reqs[i].status = BLK_PENDING;
		vq_desc(&blk, i * 2, &reqs[i].req, 16, VIRTQ_DESC_F_NEXT,
			i * 2 + 1);
		vq_desc(&blk, i * 2 + 1, &reqs[i].status, 1,
			VIRTQ_DESC_F_WRITE, 0);
		vq_push(&blk, i * 2);
	}
	vq_kick(&blk);
	MUST(vq_wait(&blk, count));
	for (uint16_t i = 0; i < count; i++) {
		MUST(reqs[i].status != BLK_PENDING);
	}
	return 0;
}

static int bad_head(uint16_t head)
{
	MUST_PASS(begin());
	vq_push(&blk, head);
	vq_kick(&blk);
	return ring_broken();
}

static int m18_bad_head(void)
{
	MUST_PASS(bad_head(NUM));
	MUST_PASS(bad_head(NUM + 1));
	MUST_PASS(bad_head(0x7fff));
	return bad_head(0xffff);
}

/* What was valid in front of a bad head completes or is dropped, no more. */
static int m18_bad_head_behind_good(void)
{
	MUST_PASS(begin());
	vq_push(&blk, 0);
	vq_push(&blk, 0xffff);
	vq_kick(&blk);
	MUST_PASS(ring_broken());
	MUST(vq_used_idx(&blk) <= 1);
	return 0;
}

static int m19_same_head_twice(void)
{
	uint64_t end = counter() + counter_ms(10000);

	MUST_PASS(begin());
	vq_push(&blk, 0);
	vq_push(&blk, 0);
	vq_kick(&blk);
	while (vq_used_idx(&blk) != 2 && !vdev_broken(&blk)) {
		MUST(counter() < end);
	}
	return 0;
}

static int m19_same_head_num_times(void)
{
	uint64_t end = counter() + counter_ms(10000);

	MUST_PASS(begin());
	for (unsigned int i = 0; i < NUM; i++) {
		vq_push(&blk, 0);
	}
	vq_kick(&blk);
	while (vq_used_idx(&blk) != NUM && !vdev_broken(&blk)) {
		MUST(counter() < end);
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m13_self_loop", m13_self_loop },
		{ "ring_broken_stays", broken_stays },
		{ "m13_self_loop_writable", m13_self_loop_writable },
		{ "m14_two_node_loop", m14_two_node_loop },
		{ "m15_num_plus_1", m15_num_plus_1 },
		{ "m15_next_out_of_range", m15_next_out_of_range },
		{ "m16_len_0", m16_len_0 },
		{ "m16_len_0_everywhere", m16_len_0_everywhere },
		{ "m17_avail_jump", m17_avail_jump },
		{ "m17_avail_back", m17_avail_back },
		{ "m17_full_ring", m17_full_ring },
		{ "m18_bad_head", m18_bad_head },
		{ "m18_bad_head_behind_good", m18_bad_head_behind_good },
		{ "m19_same_head_twice", m19_same_head_twice },
		{ "m19_same_head_num_times", m19_same_head_num_times },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
