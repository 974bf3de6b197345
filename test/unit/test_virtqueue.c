/* SPDX-License-Identifier: Apache-2.0 */
/* The split ring, against everything in threats part B. */
#include <linux/errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "dev/virtqueue.h"
#include "test/unit/driver.h"

#define NUM 8u
#define DATA (RAM + 0x40000)
#define TABLE (RAM + 0x80000)

static struct virtqueue vq;
static struct virtq_chain chain;
static struct driver d;

/* A queue of num entries, the driver's side in d. */
static void queue_of(unsigned num, int indirect, int event_idx)
{
	driver_machine();
	memset(&vq, 0, sizeof(vq));
	d.num = num;
	d.desc = RAM + 0x1000;
	d.avail = RAM + 0x2000;
	d.used = RAM + 0x3000;
	d.avail_idx = 0;
	vq.num_max = CONFIG_MAX_QUEUE;
	vq.num = num;
	vq.desc_gpa = d.desc;
	vq.avail_gpa = d.avail;
	vq.used_gpa = d.used;
	vq.indirect = indirect;
	vq.event_idx = event_idx;
	assert_int_equal(virtqueue_start(&vq), 0);
}

static void queue(void)
{
	queue_of(NUM, 1, 0);
}

/* One chain from descriptor 0 is offered; what pop answers. */
static int pop(void)
{
	driver_offer(&d, 0);
	return virtqueue_pop(&vq, &chain);
}

/* -- virtqueue_start ----------------------------------------------------- */

/* M04: 0, no power of two, more than the device has, 2^32-1. */
static void start_num(void)
{
	static const uint32_t bad[] = { 0,	 3,	     5,		7,
					9,	 127,	     129,	256,
					0x10000, 0x80000000, UINT32_MAX };
	uint32_t num;
	size_t i;

	queue();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		vq.num = bad[i];
		vq.ready = 0;
		assert_int_equal(virtqueue_start(&vq), -EINVAL);
		assert_false(vq.ready);
	}
	for (num = 1; num <= CONFIG_MAX_QUEUE; num *= 2) {
		vq.num = num;
		vq.ready = 0;
		assert_int_equal(virtqueue_start(&vq), 0);
		assert_true(vq.ready);
	}
	vq.num_max = 16;
	vq.num = 32;
	assert_int_equal(virtqueue_start(&vq), -EINVAL);
	vq.num_max = 0; /* the device has no such queue */
	vq.num = 1;
	assert_int_equal(virtqueue_start(&vq), -EINVAL);
}

static int start_at(uint64_t desc, uint64_t avail, uint64_t used)
{
	vq.ready = 0;
	vq.desc_gpa = desc;
	vq.avail_gpa = avail;
	vq.used_gpa = used;
	return virtqueue_start(&vq);
}

/* M07: misaligned rings. */
static void start_alignment(void)
{
	unsigned i;

	queue();
	for (i = 1; i < 16; i++) {
		assert_int_equal(start_at(d.desc + i, d.avail, d.used),
				 -EINVAL);
	}
	assert_int_equal(start_at(d.desc, d.avail + 1, d.used), -EINVAL);
	assert_int_equal(start_at(d.desc, d.avail + 2, d.used), 0);
	for (i = 1; i < 4; i++) {
		assert_int_equal(start_at(d.desc, d.avail, d.used + i),
				 -EINVAL);
	}
	assert_int_equal(start_at(d.desc, d.avail, d.used + 4), 0);
}

/* M07, M12: unset, outside, over an end, in device registers, wrapping. */
static void start_outside(void)
{
	static const uint64_t bad[] = {
		0,	    RAM - 16,	RAM_END,	 RAM1_END - 16, WINDOW,
		0x08000000, 0x3ffffff0, UINT64_MAX - 15, 1ull << 63
	};
	size_t i;

	queue();
	(void)mem_register_page(WINDOW);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(start_at(bad[i], d.avail, d.used), -EINVAL);
		assert_int_equal(start_at(d.desc, bad[i], d.used), -EINVAL);
		assert_int_equal(start_at(d.desc, d.avail, bad[i]), -EINVAL);
	}
}

/* Each ring may end with the last byte of RAM, and not one entry later. */
static void start_at_the_end(void)
{
	queue();
	assert_int_equal(start_at(RAM_END - 16 * NUM, d.avail, d.used), 0);
	assert_int_equal(start_at(RAM_END - 16 * NUM + 16, d.avail, d.used),
			 -EINVAL);
	/* flags, idx, ring, used_event */
	assert_int_equal(start_at(d.desc, RAM_END - 6 - 2 * NUM, d.used), 0);
	assert_int_equal(start_at(d.desc, RAM_END - 4 - 2 * NUM, d.used),
			 -EINVAL);
	/* flags, idx, ring, avail_event, to the next multiple of 4 */
	assert_int_equal(start_at(d.desc, d.avail, RAM_END - 8 - 8 * NUM), 0);
	assert_int_equal(start_at(d.desc, d.avail, RAM_END - 4 - 8 * NUM),
			 -EINVAL);
}

static void start_overlap(void)
{
	queue();
	assert_int_equal(start_at(d.desc, d.desc, d.used), -EINVAL);
	assert_int_equal(start_at(d.desc, d.avail, d.desc), -EINVAL);
	assert_int_equal(start_at(d.desc, d.avail, d.avail), -EINVAL);
	/* the last byte of one is the first of another */
	assert_int_equal(start_at(d.desc, d.desc + 16 * NUM - 2, d.used),
			 -EINVAL);
	assert_int_equal(start_at(d.desc, d.desc + 16 * NUM, d.used), 0);
	assert_int_equal(start_at(d.desc, d.desc - 6 - 2 * NUM + 2, d.used),
			 -EINVAL);
	assert_int_equal(start_at(d.desc, d.desc - 6 - 2 * NUM, d.used), 0);
	assert_int_equal(start_at(d.desc, d.avail, d.desc - 8 * NUM - 4),
			 -EINVAL);
	assert_int_equal(start_at(d.desc, d.avail, d.desc - 8 * NUM - 8), 0);
	assert_int_equal(start_at(d.desc, d.avail, d.avail + 4 + 2 * NUM),
			 -EINVAL);
	assert_int_equal(start_at(d.desc, d.avail, d.avail + 8 + 2 * NUM), 0);
}

static void start_forgets(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	assert_int_equal(pop(), 1);
	virtqueue_push(&vq, chain.head, 0);
	vq.ready = 0;
	assert_int_equal(virtqueue_start(&vq), 0);
	assert_int_equal(vq.last_avail, 0);
	assert_int_equal(vq.used_idx, 0);
	assert_int_equal(virtqueue_should_signal(&vq), 0);
}

static void reset_forgets(void)
{
	static const struct virtqueue zero;
	struct virtqueue expected = zero;

	queue();
	expected.num_max = vq.num_max;
	expected.num = vq.num_max;
	virtqueue_reset(&vq);
	assert_memory_equal(&vq, &expected, sizeof(vq));
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

/* -- virtqueue_pop: good chains ------------------------------------------ */

static void empty(void)
{
	queue();
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

static void not_ready(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_offer(&d, 0);
	vq.ready = 0;
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

static void mixed_chain(void)
{
	queue();
	driver_desc(&d, 3, DATA, 16, D_NEXT, 5);
	driver_desc(&d, 5, DATA + 0x100, 512, D_NEXT, 1);
	driver_desc(&d, 1, DATA + 0x1000, 4096, D_NEXT | D_WRITE, 0);
	driver_desc(&d, 0, DATA + 0x3000, 1, D_WRITE, 7);
	driver_offer(&d, 3);
	assert_int_equal(virtqueue_pop(&vq, &chain), 1);
	assert_int_equal(chain.head, 3);
	assert_int_equal(chain.count, 4);
	assert_int_equal(chain.readable, 2);
	assert_int_equal(chain.readable_bytes, 528);
	assert_int_equal(chain.writable_bytes, 4097);
	assert_ptr_equal(chain.iov[0].base, ram(DATA));
	assert_int_equal(chain.iov[0].len, 16);
	assert_ptr_equal(chain.iov[1].base, ram(DATA + 0x100));
	assert_int_equal(chain.iov[1].len, 512);
	assert_ptr_equal(chain.iov[2].base, ram(DATA + 0x1000));
	assert_ptr_equal(chain.iov[3].base, ram(DATA + 0x3000));
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

static void in_order_of_the_ring(void)
{
	unsigned i;

	queue();
	for (i = 0; i < NUM; i++) {
		driver_desc(&d, i, DATA + i, 1, 0, 0);
	}
	for (i = NUM; i-- > 0;) {
		driver_offer(&d, i);
	}
	for (i = NUM; i-- > 0;) {
		assert_int_equal(virtqueue_pop(&vq, &chain), 1);
		assert_int_equal(chain.head, i);
		assert_ptr_equal(chain.iov[0].base, ram(DATA + i));
	}
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

/* Links n descriptors from 0 on. */
static void link_chain(uint64_t table, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		driver_desc_at(table, i, DATA + i, 1, i + 1 < n ? D_NEXT : 0,
			       i + 1);
	}
}

/* M15: exactly num passes, at every size. */
static void chain_of_num(void)
{
	unsigned num;

	queue_of(CONFIG_MAX_QUEUE, 0, 0);
	for (num = 1; num <= CONFIG_MAX_QUEUE; num *= 2) {
		d.num = num;
		vq.num = num;
		assert_int_equal(virtqueue_start(&vq), 0);
		link_chain(d.desc, num);
		driver_set_avail(&d, 0);
		assert_int_equal(pop(), 1);
		assert_int_equal(chain.count, num);
		assert_int_equal(chain.readable_bytes, num);
		assert_ptr_equal(chain.iov[num - 1].base, ram(DATA + num - 1));
	}
}

/* M15: one more is outside of the table. */
static void chain_of_num_and_one(void)
{
	queue();
	link_chain(d.desc, NUM);
	driver_desc(&d, NUM - 1, DATA, 1, D_NEXT, NUM);
	driver_desc(&d, NUM, DATA, 1, 0, 0); /* memory, but no table */
	assert_int_equal(pop(), -EPROTO);
}

/* M13, M14: loops of one, two and num. */
static void loop_of_one(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, D_NEXT, 0);
	assert_int_equal(pop(), -EPROTO);
}

static void loop_of_two(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, D_NEXT, 1);
	driver_desc(&d, 1, DATA, 1, D_NEXT, 0);
	assert_int_equal(pop(), -EPROTO);
}

static void loop_of_num(void)
{
	queue();
	link_chain(d.desc, NUM);
	driver_desc(&d, NUM - 1, DATA, 1, D_NEXT, 0);
	assert_int_equal(pop(), -EPROTO);
}

static void loop_behind_a_tail(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, D_NEXT, 1);
	driver_desc(&d, 1, DATA, 1, D_NEXT, 2);
	driver_desc(&d, 2, DATA, 1, D_NEXT, 1);
	assert_int_equal(pop(), -EPROTO);
}

static void loop_of_one_in_a_queue_of_one(void)
{
	queue_of(1, 0, 0);
	driver_desc(&d, 0, DATA, 1, D_NEXT, 0);
	assert_int_equal(pop(), -EPROTO);
}

/* -- virtqueue_pop: bad buffers ------------------------------------------ */

/* M16 */
static void len_zero(void)
{
	queue();
	driver_desc(&d, 0, DATA, 0, 0, 0);
	assert_int_equal(pop(), -EPROTO);
}

static void len_zero_later(void)
{
	queue();
	driver_desc(&d, 0, DATA, 16, D_NEXT, 1);
	driver_desc(&d, 1, DATA, 0, D_WRITE, 0);
	assert_int_equal(pop(), -EPROTO);
}

static int pop_buffer(uint64_t addr, uint32_t len)
{
	queue();
	(void)mem_register_page(WINDOW);
	driver_desc(&d, 0, addr, len, D_WRITE, 0);
	return pop();
}

/* M20 */
static void addr_zero(void)
{
	assert_int_equal(pop_buffer(0, 1), -EPROTO);
}

static void addr_max(void)
{
	assert_int_equal(pop_buffer(UINT64_MAX, 1), -EPROTO);
}

static void addr_in_hole(void)
{
	assert_int_equal(pop_buffer(RAM_END, 1), -EPROTO);
}

static void addr_below(void)
{
	assert_int_equal(pop_buffer(RAM - 1, 1), -EPROTO);
}

/* M21 */
static void len_max(void)
{
	assert_int_equal(pop_buffer(DATA, UINT32_MAX), -EPROTO);
}

static void addr_and_len_wrap(void)
{
	assert_int_equal(pop_buffer(UINT64_MAX - 15, 32), -EPROTO);
}

static void addr_and_len_wrap_into_ram(void)
{
	assert_int_equal(pop_buffer(0 - (RAM / 2), UINT32_MAX), -EPROTO);
}

/* M22 */
static void ends_with_ram(void)
{
	assert_int_equal(pop_buffer(RAM_END - 512, 512), 1);
	assert_ptr_equal(chain.iov[0].base, ram(RAM_END - 512));
}

static void ends_one_behind_ram(void)
{
	assert_int_equal(pop_buffer(RAM_END - 512, 513), -EPROTO);
}

/* M23 */
static void crosses_banks(void)
{
	assert_int_equal(pop_buffer(RAM1_END - 1, 2), -EPROTO);
}

static void ends_with_first_bank(void)
{
	assert_int_equal(pop_buffer(RAM1_END - 1, 1), 1);
}

/* M28: registers are no memory; the rings themselves are. */
static void buffer_is_registers(void)
{
	assert_int_equal(pop_buffer(WINDOW, 4), -EPROTO);
}

static void buffer_is_gic(void)
{
	assert_int_equal(pop_buffer(0x08000000, 4), -EPROTO);
}

static void buffer_is_used_ring(void)
{
	assert_int_equal(pop_buffer(RAM + 0x3000, 64), 1);
	memset(chain.iov[0].base, 0xff, 64); /* the device writes its data */
	virtqueue_push(&vq, chain.head, 64);
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

static void buffer_is_descriptor_table(void)
{
	assert_int_equal(pop_buffer(RAM + 0x1000, 16 * NUM), 1);
	memset(chain.iov[0].base, 0xff, 16 * NUM);
	virtqueue_push(&vq, chain.head, 16 * NUM);
	assert_int_equal(pop(), -EPROTO); /* what was written is a bad chain */
}

static void readable_after_writable(void)
{
	queue();
	driver_desc(&d, 0, DATA, 16, D_NEXT, 1);
	driver_desc(&d, 1, DATA, 16, D_NEXT | D_WRITE, 2);
	driver_desc(&d, 2, DATA, 16, 0, 0);
	assert_int_equal(pop(), -EPROTO);
}

static void next_outside(void)
{
	static const unsigned bad[] = { NUM, NUM + 1, 0x7fff, 0xffff };
	size_t i;

	queue();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		driver_set_avail(&d, 0);
		driver_desc(&d, 0, DATA, 1, D_NEXT, bad[i]);
		assert_int_equal(pop(), -EPROTO);
	}
}

/* M18: num, 65535. */
static void head_outside(void)
{
	static const unsigned bad[] = { NUM, NUM + 1, 0x8000, 0xffff };
	size_t i;

	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		driver_set_avail(&d, 0);
		driver_offer(&d, bad[i]);
		assert_int_equal(virtqueue_pop(&vq, &chain), -EPROTO);
	}
	driver_set_avail(&d, 0);
	driver_offer(&d, 0);
	assert_int_equal(virtqueue_pop(&vq, &chain), 1);
}

/* M19, M38 */
static void same_head_twice_in_flight(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	assert_int_equal(pop(), 1);
	assert_int_equal(pop(), -EPROTO);
}

static void same_head_again_after_push(void)
{
	unsigned i;

	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(pop(), 1);
		virtqueue_push(&vq, chain.head, 0);
	}
	assert_int_equal(driver_used(&d), 100);
}

/* A chain that was refused is not in flight. */
static void refused_is_not_in_flight(void)
{
	queue();
	driver_desc(&d, 0, DATA, 0, 0, 0);
	assert_int_equal(pop(), -EPROTO);
	assert_int_equal(vq.in_flight[0], 0);
	assert_int_equal(vq.last_avail, 0);
}

/* -- avail.idx ----------------------------------------------------------- */

/* M17: num is the most that can be available. */
static void index_jump_num(void)
{
	unsigned i;

	queue();
	for (i = 0; i < NUM; i++) {
		driver_desc(&d, i, DATA + i, 1, 0, 0);
		driver_offer(&d, i);
	}
	for (i = 0; i < NUM; i++) {
		assert_int_equal(virtqueue_pop(&vq, &chain), 1);
	}
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

static void index_jump_too_far(void)
{
	static const uint16_t bad[] = { NUM + 1, NUM * 2, 0x7fff,
					0x8000,	 0xfffe,  0xffff };
	size_t i;

	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		driver_set_avail(&d, bad[i]);
		assert_int_equal(virtqueue_pop(&vq, &chain), -EPROTO);
	}
}

/* An index that goes back by one is a jump of 65535. */
static void index_goes_back(void)
{
	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	assert_int_equal(pop(), 1);
	virtqueue_push(&vq, 0, 0);
	driver_set_avail(&d, 0);
	assert_int_equal(virtqueue_pop(&vq, &chain), -EPROTO);
}

static void index_wraps(void)
{
	unsigned i;

	queue();
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_desc(&d, 1, DATA, 1, 0, 0);
	for (i = 0; i < 70000; i++) {
		driver_offer(&d, i & 1);
		assert_int_equal(virtqueue_pop(&vq, &chain), 1);
		assert_int_equal(chain.head, i & 1);
		virtqueue_push(&vq, chain.head, i);
		assert_int_equal(driver_used(&d), (uint16_t)(i + 1));
		assert_int_equal(driver_used_id(&d, i), i & 1);
		assert_int_equal(driver_used_len(&d, i), i);
	}
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
}

/* M17: a full ring over the wrap at 65535 -> 0. */
static void index_wraps_full(void)
{
	unsigned i;

	queue();
	vq.last_avail = 0xfffc;
	vq.used_idx = 0xfffc;
	vq.signalled = 0xfffc;
	driver_set_avail(&d, 0xfffc);
	for (i = 0; i < NUM; i++) {
		driver_desc(&d, i, DATA + i, 1, 0, 0);
		driver_offer(&d, i);
	}
	assert_int_equal(d.avail_idx, 4);
	for (i = 0; i < NUM; i++) {
		assert_int_equal(virtqueue_pop(&vq, &chain), 1);
		assert_int_equal(chain.head, i);
		virtqueue_push(&vq, chain.head, 0);
	}
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
	assert_int_equal(driver_used(&d), 4);
	assert_int_equal(virtqueue_should_signal(&vq), 1);
}

/* -- Indirect tables ----------------------------------------------------- */

static int pop_indirect(uint64_t addr, uint32_t len, unsigned flags)
{
	driver_desc(&d, 0, addr, len, D_INDIRECT | flags, 0);
	return pop();
}

static void indirect(void)
{
	queue();
	driver_desc_at(TABLE, 0, DATA, 16, D_NEXT, 2);
	driver_desc_at(TABLE, 2, DATA + 0x100, 512, D_NEXT | D_WRITE, 1);
	driver_desc_at(TABLE, 1, DATA + 0x400, 1, D_WRITE, 0);
	assert_int_equal(pop_indirect(TABLE, 48, 0), 1);
	assert_int_equal(chain.head, 0);
	assert_int_equal(chain.count, 3);
	assert_int_equal(chain.readable, 1);
	assert_int_equal(chain.readable_bytes, 16);
	assert_int_equal(chain.writable_bytes, 513);
	assert_ptr_equal(chain.iov[1].base, ram(DATA + 0x100));
}

/* More entries than the ring has: the limit is the walker's. */
static void indirect_longest(void)
{
	queue();
	link_chain(TABLE, VIRTQUEUE_MAX_SEGMENTS);
	assert_int_equal(pop_indirect(TABLE, 16 * VIRTQUEUE_MAX_SEGMENTS, 0),
			 1);
	assert_int_equal(chain.count, VIRTQUEUE_MAX_SEGMENTS);
}

static void indirect_too_long(void)
{
	queue();
	link_chain(TABLE, VIRTQUEUE_MAX_SEGMENTS + 1);
	assert_int_equal(pop_indirect(TABLE, 16 * (VIRTQUEUE_MAX_SEGMENTS + 1),
				      0),
			 -EPROTO);
}

/* M24: a longer table is none, even if little of it is used. */
static void indirect_table_too_long(void)
{
	queue();
	driver_desc_at(TABLE, 0, DATA, 1, 0, 0);
	assert_int_equal(pop_indirect(TABLE, 16 * (VIRTQUEUE_MAX_SEGMENTS + 1),
				      0),
			 -EPROTO);
	driver_set_avail(&d, 0);
	assert_int_equal(pop_indirect(TABLE, 16 * VIRTQUEUE_MAX_SEGMENTS, 0),
			 1);
}

/* M24: 0, 8, 24, and a table larger than memory. */
static void indirect_lengths(void)
{
	static const uint32_t bad[] = { 0,	    1,	       8,  15,
					17,	    24,	       31, 0x10000000,
					UINT32_MAX, 0xfffffff0 };
	size_t i;

	queue();
	driver_desc_at(TABLE, 0, DATA, 1, 0, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		driver_set_avail(&d, 0);
		assert_int_equal(pop_indirect(TABLE, bad[i], 0), -EPROTO);
	}
	driver_set_avail(&d, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), 1);
}

/* M25 */
static void indirect_nested(void)
{
	queue();
	driver_desc_at(TABLE, 0, TABLE + 0x100, 16, D_INDIRECT, 0);
	driver_desc_at(TABLE + 0x100, 0, DATA, 1, 0, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), -EPROTO);
}

static void indirect_of_itself(void)
{
	queue();
	driver_desc_at(TABLE, 0, TABLE, 16, D_INDIRECT, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), -EPROTO);
}

static void indirect_and_next(void)
{
	queue();
	driver_desc_at(TABLE, 0, DATA, 1, 0, 0);
	driver_desc(&d, 1, DATA, 1, 0, 0);
	driver_desc(&d, 0, TABLE, 16, D_INDIRECT | D_NEXT, 1);
	assert_int_equal(pop(), -EPROTO);
}

static void indirect_not_negotiated(void)
{
	queue_of(NUM, 0, 0);
	driver_desc_at(TABLE, 0, DATA, 1, 0, 0);
	assert_int_equal(pop_indirect(TABLE, 16, 0), -EPROTO);
}

/* M26 */
static void indirect_outside(void)
{
	static const uint64_t bad[] = { 0,
					RAM - 16,
					RAM_END,
					RAM1_END - 16,
					RAM_END - 16,
					0x08000000,
					UINT64_MAX - 15,
					WINDOW };
	size_t i;

	queue();
	(void)mem_register_page(WINDOW);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		driver_set_avail(&d, 0);
		assert_int_equal(pop_indirect(bad[i], 32, 0), -EPROTO);
	}
}

static void indirect_ends_with_ram(void)
{
	queue();
	driver_desc_at(RAM_END - 16, 0, DATA, 1, 0, 0);
	assert_int_equal(pop_indirect(RAM_END - 16, 16, 0), 1);
}

/* Section 2.7.5.3 asks for no alignment of the table. */
static void indirect_misaligned(void)
{
	unsigned i;

	queue();
	for (i = 0; i < 16; i++) {
		driver_desc_at(TABLE + i, 0, DATA, 16, D_NEXT, 1);
		driver_desc_at(TABLE + i, 1, DATA + i, 512, D_WRITE, 0);
		assert_int_equal(pop_indirect(TABLE + i, 32, 0), 1);
		assert_int_equal(chain.count, 2);
		assert_ptr_equal(chain.iov[1].base, ram(DATA + i));
		assert_int_equal(chain.iov[1].len, 512);
		virtqueue_push(&vq, chain.head, 512);
	}
}

/* next is an index of the indirect table, whatever the ring's size. */
static void indirect_next_outside(void)
{
	queue();
	driver_desc_at(TABLE, 0, DATA, 1, D_NEXT, 2);
	driver_desc_at(TABLE, 1, DATA, 1, 0, 0);
	driver_desc_at(TABLE, 2, DATA, 1, 0, 0);
	assert_int_equal(pop_indirect(TABLE, 32, 0), -EPROTO);
}

static void indirect_loop(void)
{
	queue();
	driver_desc_at(TABLE, 0, DATA, 1, D_NEXT, 1);
	driver_desc_at(TABLE, 1, DATA, 1, D_NEXT, 0);
	assert_int_equal(pop_indirect(TABLE, 32, 0), -EPROTO);
}

/* Section 2.7.5.3.2: direct descriptors may come before the table. */
static void indirect_after_direct(void)
{
	queue();
	driver_desc(&d, 0, DATA, 16, D_NEXT, 1);
	driver_desc(&d, 1, TABLE, 32, D_INDIRECT, 0);
	driver_desc_at(TABLE, 0, DATA + 16, 16, D_NEXT, 1);
	driver_desc_at(TABLE, 1, DATA + 32, 16, D_WRITE, 0);
	assert_int_equal(pop(), 1);
	assert_int_equal(chain.count, 3);
	assert_int_equal(chain.readable, 2);
}

/* Direct and indirect together must keep to the array of segments. */
static void indirect_after_direct_too_long(void)
{
	queue();
	driver_desc(&d, 0, DATA, 16, D_NEXT, 1);
	driver_desc(&d, 1, TABLE, 16 * VIRTQUEUE_MAX_SEGMENTS, D_INDIRECT, 0);
	link_chain(TABLE, VIRTQUEUE_MAX_SEGMENTS);
	assert_int_equal(pop(), -EPROTO);
}

/* -- Used ring and notifications ----------------------------------------- */

static void push_to_neighbours(void)
{
	uint8_t *used;

	queue();
	used = ram(d.used);
	memset(used - 16, 0xee, 16);
	memset(used + 4, 0xee, 8 * NUM + 32);
	driver_desc(&d, 5, DATA, 1, D_WRITE, 0);
	driver_offer(&d, 5);
	assert_int_equal(virtqueue_pop(&vq, &chain), 1);
	virtqueue_push(&vq, 5, 0x12345678);
	assert_int_equal(driver_used_id(&d, 0), 5);
	assert_int_equal(driver_used_len(&d, 0), 0x12345678);
	assert_int_equal(used[-1], 0xee);
	assert_int_equal(used[4 + 8], 0xee);
	assert_int_equal(used[0] | used[1], 0); /* flags */
}

/* Requests may end in another order than they came. */
static void push_out_of_order(void)
{
	unsigned i;

	queue();
	for (i = 0; i < NUM; i++) {
		driver_desc(&d, i, DATA, 1, 0, 0);
		driver_offer(&d, i);
		assert_int_equal(virtqueue_pop(&vq, &chain), 1);
	}
	for (i = NUM; i-- > 0;) {
		virtqueue_push(&vq, (uint16_t)i, i);
	}
	for (i = 0; i < NUM; i++) {
		assert_int_equal(driver_used_id(&d, i), NUM - 1 - i);
	}
}

static void signal_by_flag(void)
{
	queue();
	assert_int_equal(virtqueue_should_signal(&vq), 0); /* nothing new */
	driver_desc(&d, 0, DATA, 1, 0, 0);
	assert_int_equal(pop(), 1);
	virtqueue_push(&vq, 0, 0);
	assert_int_equal(virtqueue_should_signal(&vq), 1);
	assert_int_equal(virtqueue_should_signal(&vq), 0);
	driver_no_interrupt(&d, 1);
	assert_int_equal(pop(), 1);
	virtqueue_push(&vq, 0, 0);
	assert_int_equal(virtqueue_should_signal(&vq), 0);
	driver_no_interrupt(&d, 0);
	assert_int_equal(virtqueue_should_signal(&vq), 0);
	assert_int_equal(pop(), 1);
	virtqueue_push(&vq, 0, 0);
	assert_int_equal(virtqueue_should_signal(&vq), 1);
}

/* The specification's rule (2.7.7.2), written the long way round. */
static int must_signal(uint16_t before, uint16_t after, uint16_t event)
{
	uint16_t idx;

	for (idx = before; idx != after; idx++) {
		if (idx == event) {
			return 1; /* the entry at used_event was filled */
		}
	}
	return 0;
}

static void signal_by_event_index(void)
{
	static const uint16_t starts[] = { 0,	   1,	   0x7ffe, 0x7fff,
					   0x8000, 0xfff0, 0xfffe, 0xffff };
	static const uint16_t counts[] = { 0, 1, 2, 3, 7, 8 };
	size_t i, j;
	int event;

	queue_of(NUM, 1, 1);
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
			for (event = -12; event <= 12; event++) {
				uint16_t at = (uint16_t)(starts[i] + event);

				vq.signalled = starts[i];
				vq.used_idx = (uint16_t)(starts[i] + counts[j]);
				driver_used_event(&d, at);
				assert_int_equal(virtqueue_should_signal(&vq),
						 must_signal(starts[i],
							     vq.used_idx, at));
			}
		}
	}
}

/* With event_idx the flag does not count (2.7.7.2). */
static void event_index_ignores_flag(void)
{
	queue_of(NUM, 1, 1);
	driver_no_interrupt(&d, 1);
	driver_used_event(&d, 0);
	driver_desc(&d, 0, DATA, 1, 0, 0);
	assert_int_equal(pop(), 1);
	virtqueue_push(&vq, 0, 0);
	assert_int_equal(virtqueue_should_signal(&vq), 1);
}

static void avail_event_when_empty(void)
{
	unsigned i;

	queue_of(NUM, 1, 1);
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
	assert_int_equal(driver_avail_event(&d), 0);
	driver_desc(&d, 0, DATA, 1, 0, 0);
	for (i = 1; i < 70000; i++) {
		assert_int_equal(pop(), 1);
		virtqueue_push(&vq, 0, 0);
		assert_int_equal(virtqueue_pop(&vq, &chain), 0);
		assert_int_equal(driver_avail_event(&d), (uint16_t)i);
	}
}

/* Without it, the word behind the used ring is not ours. */
static void no_avail_event(void)
{
	queue();
	*(uint16_t *)ram(d.used + 4 + 8 * NUM) = 0xbeef;
	assert_int_equal(virtqueue_pop(&vq, &chain), 0);
	assert_int_equal(driver_avail_event(&d), 0xbeef);
}

/* M27, one thread's worth: what was checked is what is used. */
static void changes_after_pop(void)
{
	queue();
	driver_desc(&d, 0, DATA, 16, D_WRITE, 0);
	assert_int_equal(pop(), 1);
	driver_desc(&d, 0, 0, UINT32_MAX, D_NEXT, 0xffff);
	assert_ptr_equal(chain.iov[0].base, ram(DATA));
	assert_int_equal(chain.iov[0].len, 16);
	virtqueue_push(&vq, chain.head, 16);
	assert_int_equal(driver_used_id(&d, 0), 0);
}

static uint64_t random_bits(void)
{
	static uint64_t seed = 88172645463325252ull;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* The other vCPU, or a device's DMA: any field, any time, half-wild values. */
static void flip(void)
{
	uint64_t bits = random_bits();
	uint64_t table = (bits & 1) ? d.desc : TABLE;
	volatile struct vring_desc *desc = (struct vring_desc *)ram(table) +
					   (bits >> 8) % NUM;
	volatile uint16_t *avail = (uint16_t *)ram(d.avail);

	switch (bits >> 1 & 7) {
	case 0:
		desc->addr = (bits & 16) ? DATA : RAM_END - (bits >> 40) % 64;
		break;
	case 1:
		desc->len = (bits & 16) ? 16 * NUM : (uint32_t)(bits >> 32);
		break;
	case 2:
		desc->flags = bits >> 16 & 7;
		break;
	case 3:
		desc->next = (uint16_t)(bits >> 16) % (NUM + 1);
		break;
	case 4:
		desc->addr = TABLE;
		break;
	case 5:
		avail[2 + (bits >> 16) % NUM] = (uint16_t)(bits >> 24) % 9;
		break;
	default:
		desc->flags = D_NEXT;
		desc->len = 1 + (bits >> 16) % 64;
		desc->addr = DATA;
		break;
	}
}

static void check_chain(void)
{
	uint64_t readable = 0, writable = 0;
	unsigned i;

	assert_in_range(chain.count, 1, VIRTQUEUE_MAX_SEGMENTS);
	assert_in_range(chain.readable, 0, chain.count);
	assert_in_range(chain.head, 0, NUM - 1);
	for (i = 0; i < chain.count; i++) {
		const uint8_t *base = chain.iov[i].base;
		uint64_t bank = base >= ram(RAM2) &&
						base < ram(RAM2) + RAM2_BYTES ?
					RAM2 :
					RAM;
		uint64_t size = bank == RAM ? RAM_BYTES : RAM2_BYTES;

		assert_true(base >= ram(bank));
		assert_true(chain.iov[i].len > 0);
		assert_true(chain.iov[i].len <= size);
		assert_true(base + chain.iov[i].len <= ram(bank) + size);
		*(i < chain.readable ? &readable :
				       &writable) += chain.iov[i].len;
	}
	assert_int_equal(readable, chain.readable_bytes);
	assert_int_equal(writable, chain.writable_bytes);
}

/*
 * M27: what is walked changes under us. Whatever comes out was checked as it
 * is: inside of RAM, within the array, sums that agree.
 */
static void changes_while_walked(void)
{
	unsigned i, good = 0;

	queue();
	unit_thread(flip);
	for (i = 0; i < 3000000; i++) {
		vq.last_avail = 0;
		memset(vq.in_flight, 0, sizeof(vq.in_flight));
		driver_set_avail(&d, 1);
		if (virtqueue_pop(&vq, &chain) == 1) {
			check_chain();
			virtqueue_push(&vq, chain.head, 0);
			good++;
		}
	}
	assert_true(unit_thread_stop() > 100000);
	assert_true(good > 1000); /* of both kinds */
	assert_true(good < i - 1000);
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
	TEST(mixed_chain),
	TEST(in_order_of_the_ring),
	TEST(chain_of_num),
	TEST(chain_of_num_and_one),
	TEST(loop_of_one),
	TEST(loop_of_two),
	TEST(loop_of_num),
	TEST(loop_behind_a_tail),
	TEST(loop_of_one_in_a_queue_of_one),
	TEST(len_zero),
	TEST(len_zero_later),
	TEST(addr_zero),
	TEST(addr_max),
	TEST(addr_in_hole),
	TEST(addr_below),
	TEST(len_max),
	TEST(addr_and_len_wrap),
	TEST(addr_and_len_wrap_into_ram),
	TEST(ends_with_ram),
	TEST(ends_one_behind_ram),
	TEST(crosses_banks),
	TEST(ends_with_first_bank),
	TEST(buffer_is_registers),
	TEST(buffer_is_gic),
	TEST(buffer_is_used_ring),
	TEST(buffer_is_descriptor_table),
	TEST(readable_after_writable),
	TEST(next_outside),
	TEST(head_outside),
	TEST(same_head_twice_in_flight),
	TEST(same_head_again_after_push),
	TEST(refused_is_not_in_flight),
	TEST(index_jump_num),
	TEST(index_jump_too_far),
	TEST(index_goes_back),
	TEST(index_wraps),
	TEST(index_wraps_full),
	TEST(indirect),
	TEST(indirect_longest),
	TEST(indirect_too_long),
	TEST(indirect_table_too_long),
	TEST(indirect_lengths),
	TEST(indirect_nested),
	TEST(indirect_of_itself),
	TEST(indirect_and_next),
	TEST(indirect_not_negotiated),
	TEST(indirect_outside),
	TEST(indirect_ends_with_ram),
	TEST(indirect_misaligned),
	TEST(indirect_next_outside),
	TEST(indirect_loop),
	TEST(indirect_after_direct),
	TEST(indirect_after_direct_too_long),
	TEST(push_to_neighbours),
	TEST(push_out_of_order),
	TEST(signal_by_flag),
	TEST(signal_by_event_index),
	TEST(event_index_ignores_flag),
	TEST(avail_event_when_empty),
	TEST(no_avail_event),
	TEST(changes_after_pop),
	TEST(changes_while_walked),
};

UNIT_MAIN("virtqueue", tests)
