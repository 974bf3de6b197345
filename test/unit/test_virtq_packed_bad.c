/* SPDX-License-Identifier: Apache-2.0 */
/* The packed ring of a hostile driver: threats part B. */
#include <linux/errno.h>
#include <string.h>

#include "test/unit/packed.h"

#define NUM 8u

static struct packed p;

static void queue(void)
{
	packed_queue(&p, NUM, 1, 0);
}

/* One descriptor, in a queue of its own; what pop answers. */
static int pop_buffer(uint64_t addr, uint32_t len)
{
	queue();
	(void)mem_register_page(WINDOW);
	packed_add(&p, addr, len, D_WRITE, 0);
	return packed_pop(&p);
}

/* -- Chains -------------------------------------------------------------- */

/*
 * M13, M14: next is always the descriptor behind, so that the only loop is the
 * whole ring; and M15, num + 1.
 */
static void loop(void)
{
	unsigned num, at, i;

	queue();
	for (num = 1; num <= 16; num++) {
		for (at = 0; at < 2 * num; at++) {
			packed_restart(&p, num);
			for (i = 0; i < at; i++) {
				packed_add_chain(&p, 1, 0);
				assert_int_equal(packed_pop(&p), 1);
				virtqueue_push(&p.vq, 0, 0);
			}
			for (i = 0; i < num; i++) {
				packed_add(&p, DATA, 1, D_NEXT, 0);
			}
			assert_int_equal(packed_pop(&p), -EPROTO);
		}
	}
}

/* M15: a chain that goes on, in the next lap, over what was taken before. */
static void chain_over_what_is_in_flight(void)
{
	queue();
	packed_add_chain(&p, NUM - 1, 1);
	assert_int_equal(packed_pop(&p), 1);
	packed_add(&p, DATA, 1, D_NEXT, 0);
	packed_add(&p, DATA, 1, 0, 0);
	assert_int_equal(p.next.wrap, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
}

/* Section 2.8.6: each descriptor of a chain is available, not just one. */
static void chain_of_unavailable(void)
{
	static const unsigned bad[] = { 0, P_USED, P_AVAIL | P_USED };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		queue();
		packed_put(&p, 1, DATA, 1, bad[i], 0);
		packed_add(&p, DATA, 1, D_NEXT, 0);
		assert_int_equal(packed_pop(&p), -EPROTO);
	}
}

/* M16 */
static void len_zero(void)
{
	assert_int_equal(pop_buffer(DATA, 0), -EPROTO);
	queue();
	packed_add(&p, DATA, 16, D_NEXT, 0);
	packed_add(&p, DATA, 0, D_WRITE, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
}

/* M17: the index that could jump is the lap; in the wrong one is no request. */
static void wrong_lap(void)
{
	unsigned i;

	queue();
	for (i = 0; i < NUM; i++) {
		packed_put(&p, i, DATA, 1, packed_flags(0), i);
	}
	assert_int_equal(packed_pop(&p), 0);
	for (i = 0; i < NUM; i++) {
		packed_put(&p, i, DATA, 1, P_AVAIL | P_USED, i);
	}
	assert_int_equal(packed_pop(&p), 0);
}

/* M17: over what is in flight, with ids that are free: more than num. */
static void over_what_is_in_flight(void)
{
	queue();
	packed_add_chain(&p, NUM - 1, 0);
	packed_add_chain(&p, 1, 1);
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(packed_pop(&p), 1);
	packed_add_chain(&p, 1, 2);
	assert_int_equal(packed_pop(&p), -EPROTO);
	/* What was taken can still be given back, in its order. */
	virtqueue_push(&p.vq, 1, 0);
	virtqueue_push(&p.vq, 0, 0);
	assert_int_equal(p.vq.used_idx, NUM);
}

/* M18 */
static void id_outside(void)
{
	static const unsigned bad[] = { NUM, NUM + 1, 0x7fff, 0x8000, 0xffff };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		queue();
		packed_add_chain(&p, 1, bad[i]);
		assert_int_equal(packed_pop(&p), -EPROTO);
		queue();
		packed_add(&p, DATA, 1, D_NEXT, 0);
		packed_add(&p, DATA, 1, 0, bad[i]);
		assert_int_equal(packed_pop(&p), -EPROTO);
		queue();
		packed_entry(TABLE, 0, DATA, 1, 0);
		packed_add(&p, TABLE, 16, D_INDIRECT, bad[i]);
		assert_int_equal(packed_pop(&p), -EPROTO);
	}
}

/* M19, M38 */
static void same_id_twice_in_flight(void)
{
	unsigned i;

	queue();
	packed_add_chain(&p, 2, 5);
	packed_add_chain(&p, 1, 5);
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(packed_pop(&p), -EPROTO);
	virtqueue_push(&p.vq, 5, 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(packed_pop(&p), 1);
		virtqueue_push(&p.vq, 5, 0);
		packed_add_chain(&p, 1, 5);
	}
}

/* What was refused is not in flight, and is refused again. */
static void refused_changes_nothing(void)
{
	queue();
	packed_add(&p, DATA, 1, D_NEXT, 0);
	packed_add(&p, DATA, 0, 0, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
	assert_int_equal(packed_pop(&p), -EPROTO);
	assert_int_equal(p.vq.in_flight[0], 0);
	assert_int_equal(p.vq.last_avail, 0);
}

static void readable_after_writable(void)
{
	queue();
	packed_add(&p, DATA, 16, D_NEXT, 0);
	packed_add(&p, DATA, 16, D_NEXT | D_WRITE, 0);
	packed_add(&p, DATA, 16, 0, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
	queue();
	packed_entry(TABLE, 0, DATA, 16, D_WRITE);
	packed_entry(TABLE, 1, DATA, 16, 0);
	packed_add(&p, TABLE, 32, D_INDIRECT, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
}

/* -- Buffers ------------------------------------------------------------- */

/* M20, M21, M23, M28 */
static void buffer_outside(void)
{
	static const struct {
		uint64_t addr;
		uint32_t len;
	} bad[] = {
		{ 0, 1 },
		{ UINT64_MAX, 1 },
		{ RAM_END, 1 },
		{ RAM - 1, 1 },
		{ RAM - 1, 2 },
		{ DATA, UINT32_MAX },
		{ UINT64_MAX - 15, 32 },
		{ 0 - (RAM / 2), UINT32_MAX },
		{ RAM_END - 512, 513 },
		{ RAM1_END - 1, 2 },
		{ WINDOW, 4 },
		{ 0x08000000, 4 },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pop_buffer(bad[i].addr, bad[i].len), -EPROTO);
	}
}

/* M22 */
static void buffer_at_the_end(void)
{
	assert_int_equal(pop_buffer(RAM_END - 512, 512), 1);
	assert_ptr_equal(p.chain.iov[0].base, ram(RAM_END - 512));
	assert_int_equal(pop_buffer(RAM1_END - 1, 1), 1);
}

/* M28: the device's data fall on the ring and on the event areas. */
static void buffer_is_the_ring(void)
{
	struct packed_used used;

	assert_int_equal(pop_buffer(RAM + 0x1000, 16 * NUM), 1);
	memset(p.chain.iov[0].base, 0xff, 16 * NUM);
	virtqueue_push(&p.vq, 0, 16 * NUM);
	assert_int_equal(packed_take_used(&p, &used), 1);
	assert_int_equal(used.id, 0);
	assert_int_equal(packed_pop(&p), 0); /* neither flag differs */
	memset(ram(p.ring), 0x80, 16 * NUM);
	assert_int_equal(packed_pop(&p), 0);
}

static void buffer_is_the_events(void)
{
	assert_int_equal(pop_buffer(RAM + 0x2000, 0x1004), 1);
	memset(p.chain.iov[0].base, 0xff, 0x1004);
	virtqueue_push(&p.vq, 0, 0x1004);
	assert_int_equal(virtqueue_should_signal(&p.vq), 1);
	assert_int_equal(packed_pop(&p), 0);
	assert_int_equal(packed_device_event(&p), P_ENABLE << 16);
}

/* -- Indirect tables ----------------------------------------------------- */

static int pop_indirect(uint64_t addr, uint32_t len, unsigned flags)
{
	packed_restart(&p, NUM);
	packed_add(&p, addr, len, D_INDIRECT | flags, 0);
	return packed_pop(&p);
}

/* M24: 0, 8, 24, over the limit, larger than memory. */
static void indirect_lengths(void)
{
	static const uint32_t bad[] = {
		0,	    1,
		8,	    15,
		17,	    24,
		31,	    16 * (VIRTQUEUE_MAX_SEGMENTS + 1),
		0x10000000, 0xfffffff0,
		UINT32_MAX
	};
	unsigned i;

	queue();
	for (i = 0; i <= VIRTQUEUE_MAX_SEGMENTS; i++) {
		packed_entry(TABLE, i, DATA, 1, 0);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pop_indirect(TABLE, bad[i], 0), -EPROTO);
	}
	assert_int_equal(pop_indirect(TABLE, 16, 0), 1);
}

/* M24: what an entry may not be. */
static void indirect_entries(void)
{
	queue();
	packed_entry(TABLE, 0, DATA, 1, 0);
	packed_entry(TABLE, 1, DATA, 0, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), 1);
	assert_int_equal(pop_indirect(TABLE, 32, 0), -EPROTO);
	packed_entry(TABLE, 1, RAM_END - 1, 2, 0);
	assert_int_equal(pop_indirect(TABLE, 32, 0), -EPROTO);
}

/* M25: in a table the flag is reserved and ignored (2.8.7): a buffer. */
static void indirect_nested(void)
{
	queue();
	packed_entry(TABLE, 0, TABLE + 0x100, 16, D_INDIRECT);
	packed_entry(TABLE + 0x100, 0, 0, 1, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), 1);
	assert_int_equal(p.chain.count, 1);
	assert_ptr_equal(p.chain.iov[0].base, ram(TABLE + 0x100));
	packed_entry(TABLE, 0, TABLE, 16, D_INDIRECT);
	assert_int_equal(pop_indirect(TABLE, 16, 0), 1);
	assert_int_equal(p.chain.count, 1);
}

/* M25, section 2.8.19: no table in a list linked by NEXT, at any place. */
static void indirect_and_next(void)
{
	queue();
	packed_entry(TABLE, 0, DATA, 1, 0);
	packed_put(&p, 1, DATA, 1, packed_flags(1), 0);
	packed_add(&p, TABLE, 16, D_INDIRECT | D_NEXT, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
	packed_restart(&p, NUM);
	packed_add(&p, DATA, 1, D_NEXT, 0);
	packed_add(&p, TABLE, 16, D_INDIRECT, 0);
	assert_int_equal(packed_pop(&p), -EPROTO);
}

static void indirect_not_negotiated(void)
{
	packed_queue(&p, NUM, 0, 0);
	packed_entry(TABLE, 0, DATA, 1, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), -EPROTO);
}

/* M26 */
static void indirect_outside(void)
{
	static const uint64_t bad[] = {
		0,	     RAM - 16,	      RAM_END,	  RAM1_END - 16,
		RAM_END - 1, RAM_END - 31,    0x08000000, WINDOW,
		UINT64_MAX,  UINT64_MAX - 15, RAM - 1
	};
	size_t i;

	queue();
	(void)mem_register_page(WINDOW);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pop_indirect(bad[i], 32, 0), -EPROTO);
	}
	packed_entry(RAM_END - 16, 0, DATA, 1, 0);
	assert_int_equal(pop_indirect(RAM_END - 16, 16, 0), 1);
}

/* -- M27: memory that changes under us ----------------------------------- */

static void changes_after_pop(void)
{
	queue();
	packed_add_chain(&p, 3, 2);
	assert_int_equal(packed_pop(&p), 1);
	packed_put(&p, 0, 0, UINT32_MAX, D_NEXT, 7);
	packed_put(&p, 2, 0, UINT32_MAX, D_NEXT, 7);
	assert_ptr_equal(p.chain.iov[0].base, ram(DATA));
	assert_int_equal(p.chain.iov[0].len, 1);
	virtqueue_push(&p.vq, p.chain.head, 0);
	assert_int_equal(*(uint16_t *)ram(p.ring + 12), 2);
	assert_int_equal(p.vq.used_idx, 3);
}

static uint64_t random_bits(void)
{
	static uint64_t seed = 88172645463325252ull;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static volatile unsigned flips;

/* The other vCPU, or a device's DMA: any field, any time, half-wild values. */
static void flip(void)
{
	uint64_t bits = random_bits();
	volatile struct vring_packed_desc *desc =
		(struct vring_packed_desc *)ram(bits & 1 ? p.ring : TABLE) +
		(bits >> 8) % NUM;

	flips++;
	switch (bits >> 1 & 7) {
	case 0:
		desc->addr = (bits & 16) ? DATA : RAM_END - (bits >> 40) % 64;
		break;
	case 1:
		desc->len = (bits & 16) ? 16 * NUM : (uint32_t)(bits >> 32);
		break;
	case 2:
		desc->flags = (uint16_t)((bits >> 16 & 7) |
					 packed_flags(bits & 16 ? 1 : 0));
		break;
	case 3:
		desc->id = (uint16_t)(bits >> 16) % (NUM + 1);
		break;
	case 4:
		desc->addr = TABLE;
		desc->len = 16 * (1 + (bits >> 16) % NUM);
		break;
	default:
		desc->len = 1 + (bits >> 16) % 64;
		desc->addr = DATA;
		desc->id = 1;
		desc->flags = (uint16_t)(P_AVAIL | (bits >> 20 & 3));
		break;
	}
}

/* Whatever comes out was checked as it is; until each kind was there often. */
static void changes_while_walked(void)
{
	unsigned i, good = 0, longer = 0, bad = 0;

	queue();
	unit_thread(flip);
	for (i = 0; i < 2000000 || flips < 200000 || good < 1000 ||
		    longer < 1000 || bad < 1000;
	     i++) {
		int ret;

		p.vq.last_avail = p.vq.used_idx = 0;
		memset(p.vq.in_flight, 0, sizeof(p.vq.in_flight));
		ret = packed_pop(&p);
		if (ret == 1) {
			packed_check_chain(&p);
			good++;
			longer += p.vq.last_avail > 1;
			virtqueue_push(&p.vq, p.chain.head, 0);
			assert_int_equal(p.vq.used_idx, p.vq.last_avail);
		}
		bad += ret == -EPROTO;
	}
	(void)unit_thread_stop();
}

static const struct CMUnitTest tests[] = {
	TEST(loop),
	TEST(chain_over_what_is_in_flight),
	TEST(chain_of_unavailable),
	TEST(len_zero),
	TEST(wrong_lap),
	TEST(over_what_is_in_flight),
	TEST(id_outside),
	TEST(same_id_twice_in_flight),
	TEST(refused_changes_nothing),
	TEST(readable_after_writable),
	TEST(buffer_outside),
	TEST(buffer_at_the_end),
	TEST(buffer_is_the_ring),
	TEST(buffer_is_the_events),
	TEST(indirect_lengths),
	TEST(indirect_entries),
	TEST(indirect_nested),
	TEST(indirect_and_next),
	TEST(indirect_not_negotiated),
	TEST(indirect_outside),
	TEST(changes_after_pop),
	TEST(changes_while_walked),
};

UNIT_MAIN("virtq_packed_bad", tests)
