/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packed ring against models that know nothing of its code: a driver that
 * keeps to the rules and counts what it gave and got, and a judge of rings
 * with anything in them. Fixed seeds.
 */
#include <linux/errno.h>
#include <string.h>

#include "test/unit/packed.h"

#define MAX CONFIG_MAX_QUEUE

static struct packed p;
static uint64_t seed = 88172645463325252ull;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % n;
}

struct segment {
	uint64_t addr;
	uint32_t len;
	int writable;
};

struct request {
	unsigned count; /* segments */
	unsigned descs;
	struct segment segments[MAX];
};

/* The chain that came out is that request. */
static void check(const struct request *r)
{
	unsigned readable = 0;
	unsigned i;

	packed_check_chain(&p);
	assert_int_equal(p.chain.count, r->count);
	for (i = 0; i < r->count; i++) {
		assert_ptr_equal(p.chain.iov[i].base, ram(r->segments[i].addr));
		assert_int_equal(p.chain.iov[i].len, r->segments[i].len);
		readable += !r->segments[i].writable;
	}
	assert_int_equal(p.chain.readable, readable);
}

/* -- A good driver ------------------------------------------------------- */

static struct request requests[MAX]; /* by id */
static int busy[MAX]; /* id is with the device */
/* Ids in the order of what happens to them: all ever, by number. */
static struct {
	unsigned id[MAX];
	uint32_t written[MAX];
	uint64_t head, tail;
} offered, taken, pushed;
static unsigned room; /* free descriptors */
static uint64_t used_descs, told_descs;
static struct place event;
static unsigned event_flags;

static void offer(void)
{
	unsigned id = pick(p.num);
	int table = p.vq.indirect && pick(2);
	unsigned n = 1 + (table && pick(20) == 0 ? pick(MAX) : pick(6));
	struct request *r = &requests[id];
	unsigned writable = pick(n + 1);
	unsigned i;

	if (busy[id] || (table ? 1 : n) > room) {
		return;
	}
	r->count = n;
	r->descs = table ? 1 : n;
	for (i = 0; i < n; i++) {
		uint64_t at = TABLE + 0x810 * id + id % 5;
		unsigned write = i >= writable ? D_WRITE : 0;
		struct segment *s = &r->segments[i];

		s->addr = DATA + pick(0x10000);
		s->len = 1 + pick(0x8000);
		s->writable = write != 0;
		if (table) {
			packed_entry(at, i, s->addr, s->len, write);
		} else {
			packed_add(&p, s->addr, s->len,
				   write | (i + 1 < n ? D_NEXT : 0),
				   i + 1 < n ? pick(0x10000) : id);
		}
		if (table && i + 1 == n) {
			packed_add(&p, at, 16 * n, D_INDIRECT, id);
		}
	}
	busy[id] = 1;
	room -= r->descs;
	offered.id[offered.head++ % MAX] = id;
}

static void take(void)
{
	unsigned id;

	if (offered.tail == offered.head) {
		assert_int_equal(packed_pop(&p), 0);
		assert_int_equal(packed_device_event(&p),
				 p.vq.event_idx ? packed_event(P_DESC, p.next) :
						  P_ENABLE << 16);
		return;
	}
	id = offered.id[offered.tail++ % MAX];
	assert_int_equal(packed_pop(&p), 1);
	assert_int_equal(p.chain.head, id);
	check(&requests[id]);
	taken.id[taken.head++ % MAX] = id;
}

/* Any of those that the device has, with any length. */
static void push(void)
{
	unsigned id, other;

	if (taken.tail == taken.head) {
		return;
	}
	other = pick((unsigned)(taken.head - taken.tail));
	id = taken.id[(taken.tail + other) % MAX];
	taken.id[(taken.tail + other) % MAX] = taken.id[taken.tail % MAX];
	taken.tail++;
	pushed.id[pushed.head % MAX] = id;
	pushed.written[pushed.head % MAX] = pick(3) ? pick(1u << 31) : 0;
	virtqueue_push(&p.vq, (uint16_t)id,
		       pushed.written[pushed.head++ % MAX]);
	used_descs += requests[id].descs;
}

static void reap(void)
{
	struct packed_used used;
	uint32_t written;
	unsigned id;

	if (pushed.tail == pushed.head) {
		assert_int_equal(packed_take_used(&p, &used), 0);
		return;
	}
	id = pushed.id[pushed.tail % MAX];
	written = pushed.written[pushed.tail++ % MAX];
	assert_int_equal(packed_take_used(&p, &used), 1);
	assert_int_equal(used.id, id);
	assert_int_equal(used.len, written);
	assert_int_equal((used.flags & D_WRITE) != 0, written > 0);
	packed_skip_used(&p, requests[id].descs);
	room += requests[id].descs;
	busy[id] = 0;
}

/* Whether any descriptor used since the last time is the one asked for. */
static void signal(void)
{
	int expected = used_descs > told_descs && event_flags == P_ENABLE;

	while (told_descs < used_descs) {
		uint64_t lap = told_descs / p.num;

		expected |= event_flags == P_DESC &&
			    told_descs % p.num == event.off &&
			    (lap % 2 == 0) == event.wrap;
		told_descs++;
	}
	assert_int_equal(virtqueue_should_signal(&p.vq), expected);
	event_flags = p.vq.event_idx ? pick(3) : pick(2);
	event = p.used;
	packed_advance(&p, &event, pick(p.num + 1));
	packed_driver_event(&p, event_flags, event);
}

static void good_driver(unsigned num, unsigned steps)
{
	static void (*const what[])(void) = { offer, take, push, reap, signal };
	uint64_t served = pushed.tail;
	unsigned bias = 0;
	unsigned i;

	p.vq.indirect = (int)pick(2);
	p.vq.event_idx = (int)pick(2);
	packed_restart(&p, num);
	memset(busy, 0, sizeof(busy));
	offered.tail = offered.head;
	taken.tail = taken.head;
	pushed.tail = pushed.head;
	room = num;
	used_descs = told_descs = 0;
	event_flags = P_ENABLE;
	for (i = 0; i < steps; i++) {
		/* Now and then one side is slow: the ring is full, or empty. */
		bias = pick(64) ? bias : pick(8);
		what[bias < 4 && pick(3) == 0 ? bias : pick(5)]();
	}
	assert_true(num < 6 || pushed.tail - served > steps / 20);
}

static void good_small(void)
{
	unsigned num;

	packed_queue(&p, 1, 0, 0);
	for (num = 1; num <= 40; num++) {
		good_driver(num, 20000);
	}
}

static void good_large(void)
{
	unsigned i;

	packed_queue(&p, 1, 0, 0);
	for (i = 0; i < 8; i++) {
		good_driver(MAX - i, 150000);
	}
	assert_true(pushed.tail > 65536);
}

/* -- A judge of any ring ------------------------------------------------- */

static int in_ram(uint64_t addr, uint64_t len)
{
	return (addr >= RAM && addr < RAM1_END && len <= RAM1_END - addr) ||
	       (addr >= RAM2 && addr < RAM_END && len <= RAM_END - addr);
}

/* As the sections say it, in several passes; what pop must answer. */
static int judge(struct place at, unsigned left, const int *in_flight,
		 unsigned *id, struct request *r)
{
	struct vring_packed_desc d[MAX], *list = d;
	struct vring_packed_desc table[MAX];
	unsigned i, n = 0;

	do {
		memcpy(&d[n], ram(p.ring + 16 * at.off), 16);
		if (((d[n].flags >> 7 & 1) != at.wrap) ||
		    ((d[n].flags >> 15 & 1) == at.wrap)) {
			return n == 0 ? 0 : -EPROTO;
		}
		if (n == left) {
			return -EPROTO;
		}
		packed_advance(&p, &at, 1);
	} while ((d[n++].flags & D_NEXT) != 0 && n < p.num);
	*id = d[n - 1].id;
	r->descs = n;
	if ((d[n - 1].flags & D_NEXT) != 0 || *id >= p.num || in_flight[*id]) {
		return -EPROTO;
	}
	for (i = 0; i < n; i++) {
		if ((d[i].flags & D_INDIRECT) != 0 && n > 1) {
			return -EPROTO;
		}
	}
	if ((d[0].flags & D_INDIRECT) != 0) {
		uint32_t len = d[0].len;

		if (!p.vq.indirect || len < 16 || len % 16 || len > 16 * MAX ||
		    !in_ram(d[0].addr, len)) {
			return -EPROTO;
		}
		memcpy(table, ram(d[0].addr), len);
		list = table;
		n = len / 16;
	}
	r->count = n;
	for (i = 0; i < n; i++) {
		r->segments[i].addr = list[i].addr;
		r->segments[i].len = list[i].len;
		r->segments[i].writable = (list[i].flags & D_WRITE) != 0;
		if (list[i].len == 0 || !in_ram(list[i].addr, list[i].len) ||
		    (i > 0 && r->segments[i - 1].writable &&
		     !r->segments[i].writable)) {
			return -EPROTO;
		}
	}
	return 1;
}

static uint64_t any_address(void)
{
	static const uint64_t edges[] = { 0,	   RAM - 1,    RAM1_END - 1,
					  RAM2,	   RAM_END,    RAM_END - 1,
					  TABLE,   TABLE + 64, RAM - 16,
					  1u << 31 };

	return pick(12) ? DATA + pick(0x10000) : edges[pick(10)];
}

static void any_desc(uint64_t at, struct place place, int in_table)
{
	struct vring_packed_desc desc = {
		any_address(), pick(20) ? 1 + pick(300) : pick(2) * UINT32_MAX,
		(uint16_t)(pick(9) ? pick(p.num) : pick(0x10000)),
		(uint16_t)(packed_flags(place.wrap) | pick(2) * D_NEXT |
			   (pick(4) == 0 ? D_WRITE : 0))
	};

	if (pick(6) == 0 && !in_table) {
		desc.addr = TABLE + pick(4) * 64;
		desc.len = pick(5) ? 16 * (1 + pick(4)) : pick(64);
		desc.flags = (uint16_t)(desc.flags ^ D_INDIRECT ^
					(desc.flags & D_NEXT && pick(10)));
	}
	if (pick(12) == 0) {
		desc.flags ^= (uint16_t)(pick(2) ? P_AVAIL : P_USED);
	}
	memcpy(ram(at), &desc, sizeof(desc));
}

/* Rings with anything in them, from anywhere: the same answer as the judge. */
static void any_ring(void)
{
	static const struct place first = { 0, 1 };
	unsigned good = 0, bad = 0, longest = 0;
	unsigned i, n;

	packed_queue(&p, 1, 0, 0);
	for (i = 0; i < 300000; i++) {
		struct place at = first;
		int in_flight[MAX] = { 0 };
		unsigned ids[MAX], popped = 0, left, id;
		static struct request r;
		int expected;

		p.vq.indirect = pick(4) != 0;
		packed_restart(&p, 1 + pick(12));
		n = pick(2 * p.num);
		packed_advance(&p, &at, n);
		p.vq.last_avail = p.vq.used_idx = (uint16_t)n;
		p.used = p.next = at;
		for (n = 0; n < p.num; n++) {
			any_desc(p.ring + 16 * p.next.off, p.next, 0);
			packed_advance(&p, &p.next, 1);
		}
		for (n = 0; n < 16; n++) {
			any_desc(TABLE + 16 * n, p.next, 1);
		}
		left = p.num;
		do {
			expected = judge(at, left, in_flight, &id, &r);
			assert_int_equal(packed_pop(&p), expected);
			if (expected == 1) {
				assert_int_equal(p.chain.head, id);
				check(&r);
				in_flight[id] = (int)r.descs;
				ids[popped++] = id;
				left -= r.descs;
				longest += r.descs > 2;
				packed_advance(&p, &at, r.descs);
			}
		} while (expected == 1);
		good += popped;
		bad += expected < 0;
		while (popped > 0) {
			struct packed_used used;

			id = ids[--popped];
			virtqueue_push(&p.vq, (uint16_t)id, i);
			assert_int_equal(packed_take_used(&p, &used), 1);
			assert_int_equal(used.id, id);
			packed_skip_used(&p, (unsigned)in_flight[id]);
		}
	}
	assert_true(good > 100000 && bad > 10000 && longest > 10000);
}

static const struct CMUnitTest tests[] = {
	TEST(good_small),
	TEST(good_large),
	TEST(any_ring),
};

UNIT_MAIN("virtq_packed_model", tests)
