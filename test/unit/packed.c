/* SPDX-License-Identifier: Apache-2.0 */
/* A packed virtqueue and its driver. */
#include "test/unit/packed.h"

#include <string.h>

void packed_restart(struct packed *p, unsigned num)
{
	p->num = num;
	p->next = (struct place){ 0, 1 };
	p->used = p->next;
	memset(ram(p->ring), 0, 16 * num);
	memset(ram(p->driver), 0, 4);
	memset(ram(p->device), 0, 4);
	p->vq.num = num;
	p->vq.ready = 0;
	assert_int_equal(virtqueue_start(&p->vq), 0);
}

void packed_queue(struct packed *p, unsigned num, int indirect, int event_idx)
{
	static int there; /* one machine in the life of a process */

	if (!there) {
		driver_machine();
		there = 1;
	}
	memset(p, 0, sizeof(*p));
	p->ring = RAM + 0x1000;
	p->driver = RAM + 0x2000;
	p->device = RAM + 0x3000;
	p->vq.num_max = CONFIG_MAX_QUEUE;
	p->vq.desc_gpa = p->ring;
	p->vq.avail_gpa = p->driver;
	p->vq.used_gpa = p->device;
	p->vq.packed = 1;
	p->vq.indirect = indirect;
	p->vq.event_idx = event_idx;
	packed_restart(p, num);
}

void packed_advance(const struct packed *p, struct place *place, unsigned n)
{
	while (n-- > 0) {
		if (++place->off == p->num) {
			place->off = 0;
			place->wrap = !place->wrap;
		}
	}
}

unsigned packed_flags(int wrap)
{
	return wrap ? P_AVAIL : P_USED;
}

static void put(uint64_t at, uint64_t addr, uint32_t len, unsigned flags,
		unsigned id)
{
	struct vring_packed_desc desc = { addr, len, (uint16_t)id,
					  (uint16_t)flags };

	memcpy(ram(at), &desc, sizeof(desc));
}

void packed_put(struct packed *p, unsigned i, uint64_t addr, uint32_t len,
		unsigned flags, unsigned id)
{
	assert_in_range(i, 0, p->num - 1);
	put(p->ring + 16 * i, addr, len, flags, id);
}

/* What is reserved there is set, to be ignored. */
void packed_entry(uint64_t table, unsigned i, uint64_t addr, uint32_t len,
		  unsigned flags)
{
	put(table + 16 * i, addr, len, flags, 0xffff);
}

void packed_add(struct packed *p, uint64_t addr, uint32_t len, unsigned flags,
		unsigned id)
{
	packed_put(p, p->next.off, addr, len,
		   flags | packed_flags(p->next.wrap), id);
	packed_advance(p, &p->next, 1);
}

/* The id of all but the last descriptor is none. */
void packed_add_chain(struct packed *p, unsigned n, unsigned id)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		packed_add(p, DATA + i, 1, i + 1 < n ? D_NEXT : 0,
			   i + 1 < n ? 0xffff : id);
	}
}

int packed_pop(struct packed *p)
{
	return virtqueue_pop(&p->vq, &p->chain);
}

int packed_take_used(struct packed *p, struct packed_used *used)
{
	struct vring_packed_desc desc;

	memcpy(&desc, ram(p->ring + 16 * p->used.off), sizeof(desc));
	used->id = desc.id;
	used->flags = desc.flags;
	used->len = desc.len;
	return (desc.flags & (P_AVAIL | P_USED)) ==
	       (p->used.wrap ? P_AVAIL | P_USED : 0);
}

void packed_skip_used(struct packed *p, unsigned n)
{
	packed_advance(p, &p->used, n);
}

uint32_t packed_event(unsigned flags, struct place place)
{
	return flags << 16 | (unsigned)place.wrap << 15 | place.off;
}

void packed_driver_event(struct packed *p, unsigned flags, struct place place)
{
	uint32_t event = packed_event(flags, place);

	memcpy(ram(p->driver), &event, 4);
}

uint32_t packed_device_event(struct packed *p)
{
	uint32_t event;

	memcpy(&event, ram(p->device), 4);
	return event;
}

void packed_check_chain(const struct packed *p)
{
	const struct virtq_chain *chain = &p->chain;
	uint64_t bytes[2] = { 0, 0 };
	unsigned i;

	assert_in_range(chain->count, 1, VIRTQUEUE_MAX_SEGMENTS);
	assert_in_range(chain->readable, 0, chain->count);
	assert_in_range(chain->head, 0, p->num - 1);
	for (i = 0; i < chain->count; i++) {
		const uint8_t *base = chain->iov[i].base;
		uint64_t len = chain->iov[i].len;
		int second = base >= ram(RAM2) && base < ram(RAM2) + RAM2_BYTES;
		const uint8_t *bank = ram(second ? RAM2 : RAM);
		uint64_t size = second ? RAM2_BYTES : RAM_BYTES;

		assert_true(len > 0 && len <= size);
		assert_true(base >= bank && base + len <= bank + size);
		bytes[i >= chain->readable] += len;
	}
	assert_int_equal(bytes[0], chain->readable_bytes);
	assert_int_equal(bytes[1], chain->writable_bytes);
}
