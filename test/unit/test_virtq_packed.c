/* SPDX-License-Identifier: Apache-2.0 */
/* The packed ring of a driver that keeps to the rules, one test a rule. */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/packed.h"

#define NUM 7u /* need not be a power of two */

static struct packed p;

static void queue(void)
{
	packed_queue(&p, NUM, 1, 0);
}

/* Pushes the request just popped, and looks at what the driver sees of it. */
static void push_and_take(unsigned id, unsigned n, uint32_t written)
{
	struct packed_used used;

	assert_int_equal(packed_take_used(&p, &used), 0);
	virtqueue_push(&p.vq, (uint16_t)id, written);
	assert_int_equal(packed_take_used(&p, &used), 1);
	assert_int_equal(used.id, id);
	assert_int_equal(used.len, written);
	assert_int_equal(used.flags & ~(P_AVAIL | P_USED),
			 written ? D_WRITE : 0);
	packed_skip_used(&p, n);
}

/* -- virtqueue_start ----------------------------------------------------- */

/* M04: any size within the device's. */
static void start_num(void)
{
	static const uint32_t bad[] = { 0,	129,	    255,       256,
					0x8000, 0x80000000, UINT32_MAX };
	unsigned i;

	queue();
	for (i = 1; i <= CONFIG_MAX_QUEUE; i++) {
		packed_restart(&p, i);
		assert_true(p.vq.ready);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p.vq.num = bad[i];
		p.vq.ready = 0;
		assert_int_equal(virtqueue_start(&p.vq), -EINVAL);
		assert_false(p.vq.ready);
	}
	p.vq.num_max = 16;
	p.vq.num = 17;
	assert_int_equal(virtqueue_start(&p.vq), -EINVAL);
	p.vq.num_max = 0; /* the device has no such queue */
	p.vq.num = 1;
	assert_int_equal(virtqueue_start(&p.vq), -EINVAL);
}

static int start_at(uint64_t ring, uint64_t driver, uint64_t device)
{
	p.vq.ready = 0;
	p.vq.desc_gpa = ring;
	p.vq.avail_gpa = driver;
	p.vq.used_gpa = device;
	return virtqueue_start(&p.vq);
}

/* M07 */
static void start_alignment(void)
{
	unsigned i;

	queue();
	for (i = 1; i < 16; i++) {
		assert_int_equal(start_at(p.ring + i, p.driver, p.device),
				 -EINVAL);
		assert_int_equal(start_at(p.ring, p.driver + i, p.device),
				 i % 4 ? -EINVAL : 0);
		assert_int_equal(start_at(p.ring, p.driver, p.device + i),
				 i % 4 ? -EINVAL : 0);
	}
	assert_int_equal(start_at(p.ring + 16, p.driver, p.device), 0);
}

/* M07, M12 */
static void start_outside(void)
{
	static const uint64_t bad[] = {
		0,	    RAM - 16,	RAM_END,	 WINDOW,
		0x08000000, 0x3ffffff0, UINT64_MAX - 15, 1ull << 63
	};
	size_t i;

	queue();
	(void)mem_register_page(WINDOW);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(start_at(bad[i], p.driver, p.device), -EINVAL);
		assert_int_equal(start_at(p.ring, bad[i], p.device), -EINVAL);
		assert_int_equal(start_at(p.ring, p.driver, bad[i]), -EINVAL);
	}
	assert_int_equal(start_at(RAM1_END - 16, p.driver, p.device), -EINVAL);
}

/* Each area may end with the last byte of RAM. */
static void start_at_the_end(void)
{
	queue();
	assert_int_equal(start_at(RAM_END - 16 * NUM, p.driver, p.device), 0);
	assert_int_equal(start_at(RAM_END - 16 * NUM + 16, p.driver, p.device),
			 -EINVAL);
	assert_int_equal(start_at(p.ring, RAM_END - 4, p.device), 0);
	assert_int_equal(start_at(p.ring, p.driver, RAM_END - 4), 0);
}

static void start_overlap(void)
{
	uint64_t end;

	queue();
	end = p.ring + 16 * NUM;
	assert_int_equal(start_at(p.ring, p.ring, p.device), -EINVAL);
	assert_int_equal(start_at(p.ring, p.driver, p.ring), -EINVAL);
	assert_int_equal(start_at(p.ring, p.driver, p.driver), -EINVAL);
	assert_int_equal(start_at(p.ring, end - 4, p.device), -EINVAL);
	assert_int_equal(start_at(p.ring, p.driver, end - 4), -EINVAL);
	/* As close as may be; Linux puts the event areas side by side. */
	assert_int_equal(start_at(p.ring, end, end + 4), 0);
	assert_int_equal(start_at(p.ring, p.ring - 8, p.ring - 4), 0);
}

static void start_forgets(void)
{
	queue();
	packed_add_chain(&p, 3, 5);
	assert_int_equal(packed_pop(&p), 1);
	virtqueue_push(&p.vq, 5, 1);
	packed_add_chain(&p, 1, 6);
	assert_int_equal(packed_pop(&p), 1);
	packed_restart(&p, NUM);
	assert_int_equal(virtqueue_should_signal(&p.vq), 0);
	assert_int_equal(packed_pop(&p), 0);
	packed_add_chain(&p, NUM, 6);
	assert_int_equal(packed_pop(&p), 1);
	push_and_take(6, NUM, 0);
}

static void reset_forgets(void)
{
	static const struct virtqueue zero;
	struct virtqueue expected = zero;

	queue();
	expected.num_max = CONFIG_MAX_QUEUE;
	expected.num = CONFIG_MAX_QUEUE;
	virtqueue_reset(&p.vq);
	assert_memory_equal(&p.vq, &expected, sizeof(expected));
	assert_int_equal(packed_pop(&p), 0);
}

/* -- virtqueue_pop ------------------------------------------------------- */

static void empty(void)
{
	queue();
	assert_int_equal(packed_pop(&p), 0);
	assert_int_equal(packed_pop(&p), 0);
}

static void not_ready(void)
{
	queue();
	packed_add_chain(&p, 1, 0);
	p.vq.ready = 0;
	assert_int_equal(packed_pop(&p), 0);
}

/* Section 2.8.1: all values of the two flags, in either lap. */
static void whose_descriptor(void)
{
	unsigned lap, value;

	for (lap = 0; lap < 2; lap++) {
		for (value = 0; value < 4; value++) {
			unsigned flags = (value & 1 ? P_AVAIL : 0) |
					 (value & 2 ? P_USED : 0);

			packed_queue(&p, 1, 0, 0);
			if (lap == 1) {
				packed_add_chain(&p, 1, 0);
				assert_int_equal(packed_pop(&p), 1);
				push_and_take(0, 1, 0);
			}
			packed_put(&p, 0, DATA, 1, flags, 0);
			assert_int_equal(packed_pop(&p),
					 value == (lap == 0 ? 1 : 2));
		}
	}
}

/* The id is the last descriptor's; the others have one that is none. */
static void mixed_chain(void)
{
	queue();
	packed_add(&p, DATA, 16, D_NEXT, 0xffff);
	packed_add(&p, DATA + 0x100, 512, D_NEXT, 0xffff);
	packed_add(&p, DATA + 0x1000, 4096, D_NEXT | D_WRITE, 0xffff);
	packed_add(&p, DATA + 0x3000, 1, D_WRITE, 3);
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(p.chain.head, 3);
	assert_int_equal(p.chain.count, 4);
	assert_int_equal(p.chain.readable, 2);
	assert_int_equal(p.chain.readable_bytes, 528);
	assert_int_equal(p.chain.writable_bytes, 4097);
	assert_ptr_equal(p.chain.iov[0].base, ram(DATA));
	assert_int_equal(p.chain.iov[0].len, 16);
	assert_ptr_equal(p.chain.iov[1].base, ram(DATA + 0x100));
	assert_int_equal(p.chain.iov[1].len, 512);
	assert_ptr_equal(p.chain.iov[2].base, ram(DATA + 0x1000));
	assert_ptr_equal(p.chain.iov[3].base, ram(DATA + 0x3000));
	assert_int_equal(p.vq.in_flight[3], 4);
	assert_int_equal(packed_pop(&p), 0);
	push_and_take(3, 4, 4097);
	assert_int_equal(p.vq.in_flight[3], 0);
}

/* M15: exactly num passes, at every size, from every place in the ring. */
static void chain_of_num(void)
{
	unsigned num, at;

	queue();
	for (num = 1; num <= CONFIG_MAX_QUEUE; num += num < 9 ? 1 : 17) {
		packed_restart(&p, num);
		for (at = 0; at < 2 * num; at++) {
			packed_add_chain(&p, num, at % num);
			assert_int_equal(packed_pop(&p), 1);
			assert_int_equal(p.chain.count, num);
			push_and_take(at % num, num, at);
			packed_add_chain(&p, 1, 0); /* and on by one */
			assert_int_equal(packed_pop(&p), 1);
			push_and_take(0, 1, 0);
		}
		assert_int_equal(packed_pop(&p), 0);
	}
}

/* A chain over the end of the ring: its flags change with the lap. */
static void chain_over_the_wrap(void)
{
	unsigned i;

	queue();
	for (i = 0; i < 70000; i++) {
		packed_add_chain(&p, 3, i % NUM);
		packed_add_chain(&p, 2, (i + 1) % NUM);
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(p.chain.head, i % NUM);
		assert_int_equal(p.chain.count, 3);
		assert_ptr_equal(p.chain.iov[2].base, ram(DATA + 2));
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(p.chain.head, (i + 1) % NUM);
		assert_int_equal(packed_pop(&p), 0);
		push_and_take(i % NUM, 3, i);
		push_and_take((i + 1) % NUM, 2, 0);
	}
}

/* M17: more requests than 16 bits count, in rings of every kind of size. */
static void wraps(void)
{
	static const unsigned sizes[] = { 1, 2, 3, 8, 127, 128 };
	unsigned s, i;

	queue();
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		packed_restart(&p, sizes[s]);
		for (i = 0; i < 70000; i++) {
			packed_add(&p, DATA + i, 1, D_WRITE, i % sizes[s]);
			assert_int_equal(packed_pop(&p), 1);
			assert_int_equal(p.chain.head, i % sizes[s]);
			assert_ptr_equal(p.chain.iov[0].base, ram(DATA + i));
			push_and_take(i % sizes[s], 1, i);
		}
		assert_int_equal(packed_pop(&p), 0);
	}
}

/* A full ring in each lap: the device is one lap ahead of what it uses. */
static void full_ring(void)
{
	unsigned lap, i;

	queue();
	for (lap = 0; lap < 9; lap++) {
		for (i = 0; i < NUM; i++) {
			packed_add(&p, DATA + i, 1, 0, i);
		}
		for (i = 0; i < NUM; i++) {
			assert_int_equal(packed_pop(&p), 1);
			assert_int_equal(p.chain.head, i);
		}
		assert_int_equal(packed_pop(&p), 0);
		for (i = 0; i < NUM; i++) {
			push_and_take(i, 1, i);
			assert_int_equal(packed_pop(&p), 0);
		}
	}
}

/* -- virtqueue_push ------------------------------------------------------ */

/* Used descriptors are where the ring goes on, not where the chain was. */
static void push_out_of_order(void)
{
	static const unsigned order[4] = { 2, 0, 3, 1 }; /* chains of id + 1 */
	unsigned lap, i;

	packed_queue(&p, 13, 0, 0);
	for (lap = 0; lap < 100; lap++) {
		for (i = 0; i < 4; i++) {
			packed_add_chain(&p, i + 1, i);
			assert_int_equal(packed_pop(&p), 1);
			assert_int_equal(p.chain.head, i);
		}
		for (i = 0; i < 4; i++) {
			push_and_take(order[i], order[i] + 1, lap * 4 + i);
		}
	}
}

/* One descriptor is written, and of it not the address. */
static void push_to_neighbours(void)
{
	uint8_t before[16 * NUM];

	queue();
	memset(ram(p.ring) - 16, 0xee, 16);
	memset(ram(p.ring) + 16 * NUM, 0xee, 16);
	packed_add_chain(&p, NUM, 4);
	memcpy(before, ram(p.ring), sizeof(before));
	assert_int_equal(packed_pop(&p), 1);
	assert_memory_equal(ram(p.ring), before, sizeof(before));
	virtqueue_push(&p.vq, 4, 0x12345678);
	assert_memory_equal(ram(p.ring), before, 8);
	assert_memory_equal(ram(p.ring + 16), before + 16, 16 * (NUM - 1));
	assert_int_equal(*(uint32_t *)ram(p.ring + 8), 0x12345678);
	assert_int_equal(*(uint16_t *)ram(p.ring + 12), 4);
	assert_int_equal(ram(p.ring)[-1], 0xee);
	assert_int_equal(ram(p.ring)[16 * NUM], 0xee);
}

/* A device that gives back what it does not have is our own bug. */
static void push_twice(void)
{
	queue();
	packed_add_chain(&p, 1, 2);
	assert_int_equal(packed_pop(&p), 1);
	virtqueue_push(&p.vq, 2, 0);
	assert_int_equal(EXITS(virtqueue_push(&p.vq, 2, 0)), EXIT_BUG);
}

/* -- Indirect tables ----------------------------------------------------- */

/* Section 2.8.7: entries in their order, whatever next and id say. */
static void indirect(void)
{
	queue();
	packed_entry(TABLE, 0, DATA, 16, D_NEXT);
	packed_entry(TABLE, 1, DATA + 0x100, 512, D_WRITE | P_AVAIL | P_USED);
	packed_entry(TABLE, 2, DATA + 0x400, 1, D_WRITE);
	packed_add(&p, TABLE, 48, D_INDIRECT, 6);
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(p.chain.head, 6);
	assert_int_equal(p.chain.count, 3);
	assert_int_equal(p.chain.readable, 1);
	assert_int_equal(p.chain.readable_bytes, 16);
	assert_int_equal(p.chain.writable_bytes, 513);
	assert_ptr_equal(p.chain.iov[1].base, ram(DATA + 0x100));
	push_and_take(6, 1, 513);
}

/* WRITE of the referring descriptor means nothing. */
static void indirect_and_write(void)
{
	queue();
	packed_entry(TABLE, 0, DATA, 16, 0);
	packed_add(&p, TABLE, 16, D_INDIRECT | D_WRITE, 0);
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(p.chain.readable, 1);
}

static void indirect_misaligned(void)
{
	unsigned i;

	queue();
	for (i = 0; i < 16; i++) {
		packed_entry(TABLE + i, 0, DATA, 16, 0);
		packed_entry(TABLE + i, 1, DATA + i, 512, D_WRITE);
		packed_add(&p, TABLE + i, 32, D_INDIRECT, 0);
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(p.chain.count, 2);
		assert_ptr_equal(p.chain.iov[1].base, ram(DATA + i));
		push_and_take(0, 1, 512);
	}
}

/* More entries than the ring has: the limit is the walker's. */
static void indirect_longest(void)
{
	unsigned i;

	queue();
	for (i = 0; i < VIRTQUEUE_MAX_SEGMENTS; i++) {
		packed_entry(TABLE, i, DATA + i, 1, 0);
	}
	packed_add(&p, TABLE, 16 * VIRTQUEUE_MAX_SEGMENTS, D_INDIRECT, 0);
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(p.chain.count, VIRTQUEUE_MAX_SEGMENTS);
}

/* Section 2.8.5: lists of both kinds in one ring. */
static void indirect_and_direct(void)
{
	unsigned i;

	queue();
	packed_entry(TABLE, 0, DATA, 16, 0);
	packed_entry(TABLE, 1, DATA + 64, 16, D_WRITE);
	for (i = 0; i < 50; i++) {
		packed_add_chain(&p, 3, 1);
		packed_add(&p, TABLE, 32, D_INDIRECT, 2);
		packed_add_chain(&p, 2, 3);
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(p.chain.count, 3);
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(p.chain.count, 2);
		assert_int_equal(p.chain.writable_bytes, 16);
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(p.chain.count, 2);
		push_and_take(3, 2, 0);
		push_and_take(2, 1, 16);
		push_and_take(1, 3, 0);
	}
}

static const struct CMUnitTest tests[] = {
	TEST(start_num),
	TEST(start_alignment),
	TEST(start_outside),
	TEST(start_at_the_end),
	TEST(start_overlap),
	TEST(start_forgets),
	TEST(reset_forgets),
	TEST(empty),
	TEST(not_ready),
	TEST(whose_descriptor),
	TEST(mixed_chain),
	TEST(chain_of_num),
	TEST(chain_over_the_wrap),
	TEST(wraps),
	TEST(full_ring),
	TEST(push_out_of_order),
	TEST(push_to_neighbours),
	TEST(push_twice),
	TEST(indirect),
	TEST(indirect_and_write),
	TEST(indirect_misaligned),
	TEST(indirect_longest),
	TEST(indirect_and_direct),
};

UNIT_MAIN("virtq_packed", tests)
