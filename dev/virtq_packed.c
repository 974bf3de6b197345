/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed virtqueue: the device's side (virtio 1.2 section 2.8). Driver and
 * device write to the same ring. Whose a descriptor is, its AVAIL and USED
 * flags tell, whose meaning turns over with every lap (the wrap counter).
 */
#include <linux/errno.h>
#include <linux/virtio_ring.h>

#include "core/log.h"
#include "dev/virtq.h"

#define F_AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define F_USED (1u << VRING_PACKED_DESC_F_USED)

/* Event suppression: le16 offset and wrap counter, then le16 flags. */
#define EVENT_WRAP (1u << VRING_PACKED_EVENT_F_WRAP_CTR)
#define EVENT_FLAGS(event) ((event) >> 16 & 3)

/* As guest memory has it, little-endian like every arm64 guest. */
struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id;
	uint16_t flags;
};

/* Unlike the ring, an indirect table may be misaligned. */
struct table_entry {
	struct desc desc;
} __attribute__((packed));

/* -- Positions: two laps, the first with wrap counter 1 ------------------ */

static unsigned slot(const struct virtqueue *vq, unsigned position)
{
	return position < vq->num ? position : position - vq->num;
}

static int wrap_counter(const struct virtqueue *vq, unsigned position)
{
	return position < vq->num;
}

/* Brings a sum or difference of two positions, plus two laps, into range. */
static unsigned in_two_laps(const struct virtqueue *vq, unsigned position)
{
	return position < 2 * vq->num ? position : position - 2 * vq->num;
}

static volatile struct desc *desc_at(const struct virtqueue *vq,
				     unsigned position)
{
	return (volatile struct desc *)vq->desc + slot(vq, position);
}

/* Descriptors that the device has taken and not given back: 0 to num. */
static unsigned in_use(const struct virtqueue *vq)
{
	return in_two_laps(vq, vq->last_avail + 2 * vq->num - vq->used_idx);
}

/* -- Available descriptors ----------------------------------------------- */

/* Whether flags say that the driver made the descriptor there available. */
static int is_available(const struct virtqueue *vq, unsigned position,
			uint16_t flags)
{
	return (flags & (F_AVAIL | F_USED)) ==
	       (wrap_counter(vq, position) ? F_AVAIL : F_USED);
}

/* The rest may be read after this: the driver writes the flags last. */
static uint16_t flags_at(const struct virtqueue *vq, unsigned position)
{
	return __atomic_load_n(&desc_at(vq, position)->flags, __ATOMIC_ACQUIRE);
}

/* Copies a descriptor, flags first. False if it is not available. */
static int fetch(const struct virtqueue *vq, unsigned position,
		 struct desc *desc)
{
	const volatile struct desc *from = desc_at(vq, position);

	desc->flags = flags_at(vq, position);
	desc->addr = from->addr;
	desc->len = from->len;
	desc->id = from->id;
	return is_available(vq, position, desc->flags);
}

/* Section 2.8.7: all entries in their order; of the flags only WRITE counts. */
static int take_table(const struct virtqueue *vq, struct virtq_chain *chain,
		      const struct desc *desc)
{
	const volatile struct table_entry *table = virtq_table(vq, desc->addr,
							       desc->len);
	unsigned count = desc->len / VIRTQ_DESC_BYTES;
	unsigned i;

	if (!table || (desc->flags & VRING_DESC_F_NEXT) != 0) {
		return 0;
	}
	for (i = 0; i < count; i++) {
		if (!virtq_add(chain, table[i].desc.addr, table[i].desc.len,
			       (table[i].desc.flags & VRING_DESC_F_WRITE) !=
				       0)) {
			return 0;
		}
	}
	return 1;
}

/*
 * Follows the chain and leaves a copy of its last descriptor. How many there
 * are, or -EPROTO. Section 2.8.6: they lie behind one another, and each is
 * available, not only the first. Section 2.8.5: a table stands alone.
 */
static int walk(const struct virtqueue *vq, struct virtq_chain *chain,
		struct desc *desc)
{
	unsigned left = vq->num - in_use(vq);
	unsigned position = vq->last_avail;
	unsigned taken = 0;
	int ok;

	do {
		if (taken++ == left || !fetch(vq, position, desc)) {
			return -EPROTO; /* over what is not the driver's */
		}
		position = in_two_laps(vq, position + 1);
		if ((desc->flags & VRING_DESC_F_INDIRECT) != 0) {
			ok = taken == 1 && take_table(vq, chain, desc);
		} else {
			ok = virtq_add(chain, desc->addr, desc->len,
				       (desc->flags & VRING_DESC_F_WRITE) != 0);
		}
		if (!ok) {
			return -EPROTO;
		}
	} while ((desc->flags & VRING_DESC_F_NEXT) != 0);
	return (int)taken;
}

/* Not inlined, so that a look at an empty ring needs no stack frame. */
__attribute__((noinline)) static int take(struct virtqueue *vq,
					  struct virtq_chain *chain)
{
	struct desc last;
	int taken;

	virtq_clear(chain);
	taken = walk(vq, chain, &last);
	if (taken < 0 || last.id >= vq->num || vq->in_flight[last.id] != 0) {
		return -EPROTO;
	}
	chain->head = last.id;
	vq->in_flight[last.id] = (uint8_t)taken;
	vq->last_avail = (uint16_t)in_two_laps(vq, vq->last_avail +
							   (unsigned)taken);
	return 1;
}

static int available(const struct virtqueue *vq)
{
	return is_available(vq, vq->last_avail, flags_at(vq, vq->last_avail));
}

/* One store: the driver never sees an offset with the flags of another. */
void virtq_packed_want_notify(struct virtqueue *vq)
{
	uint32_t event = VRING_PACKED_EVENT_FLAG_ENABLE << 16;

	if (vq->event_idx) {
		event = VRING_PACKED_EVENT_FLAG_DESC << 16 |
			(wrap_counter(vq, vq->last_avail) ? EVENT_WRAP : 0) |
			slot(vq, vq->last_avail);
	}
	*(volatile uint32_t *)vq->device = event;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

int virtq_packed_pop(struct virtqueue *vq, struct virtq_chain *chain)
{
	if (!available(vq)) {
		/* The driver may have missed our wish: look once more. */
		virtq_packed_want_notify(vq);
		if (!available(vq)) {
			return 0;
		}
	}
	return take(vq, chain);
}

/* -- Used descriptors ---------------------------------------------------- */

/* One descriptor for the whole chain, then past as many as it had (2.8.6). */
void virtq_packed_push(struct virtqueue *vq, uint16_t head, uint32_t written)
{
	volatile struct desc *to = desc_at(vq, vq->used_idx);
	unsigned count = vq->in_flight[head];
	unsigned flags = written > 0 ? VRING_DESC_F_WRITE : 0;

	BUG_ON(count == 0);
	if (wrap_counter(vq, vq->used_idx)) {
		flags |= F_AVAIL | F_USED;
	}
	to->id = head;
	to->len = written;
	__atomic_store_n(&to->flags, (uint16_t)flags, __ATOMIC_RELEASE);
	vq->in_flight[head] = 0;
	vq->used_idx = (uint16_t)in_two_laps(vq, vq->used_idx + count);
	vq->fresh += count;
}

/* True if the last used descriptors, fresh of them, include the event's. */
static int passed(const struct virtqueue *vq, uint32_t event, uint32_t fresh)
{
	unsigned position = event & (EVENT_WRAP - 1);
	unsigned behind;

	if (position >= vq->num) {
		return 1; /* no such descriptor: rather once too often */
	}
	if ((event & EVENT_WRAP) == 0) {
		position += vq->num;
	}
	behind = in_two_laps(vq, vq->used_idx + 2 * vq->num - 1 - position);
	return behind < fresh;
}

int virtq_packed_should_signal(struct virtqueue *vq)
{
	uint32_t fresh = vq->fresh;
	uint32_t event;

	if (fresh == 0) {
		return 0;
	}
	vq->fresh = 0;
	/* The driver's wish must be read after it can see what was used. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	event = *(const volatile uint32_t *)vq->driver;
	if (EVENT_FLAGS(event) == VRING_PACKED_EVENT_FLAG_DESC &&
	    vq->event_idx) {
		return passed(vq, event, fresh);
	}
	return EVENT_FLAGS(event) != VRING_PACKED_EVENT_FLAG_DISABLE;
}
