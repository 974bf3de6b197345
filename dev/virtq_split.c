/* SPDX-License-Identifier: Apache-2.0 */
/* Split virtqueue: the device's side (virtio 1.2 section 2.7). */
#include <linux/errno.h>
#include <linux/virtio_ring.h>

#include "dev/virtq.h"

/*
 * The rings as guest memory has them, little-endian like every arm64 guest.
 * Indirect tables may be misaligned, so descriptors are packed for the
 * compiler; arm64 loads them all the same.
 */
struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
} __attribute__((packed));

struct virtq_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[]; /* num entries, then used_event */
};

struct virtq_used_elem {
	uint32_t id;
	uint32_t len;
};

struct virtq_used {
	uint16_t flags;
	uint16_t idx;
	struct virtq_used_elem ring[]; /* num entries, then avail_event */
};

/* A descriptor table: the ring's own, or an indirect one. */
struct table {
	const volatile struct virtq_desc *desc;
	unsigned count;
	int indirect;
};

static const volatile struct virtq_avail *avail_ring(const struct virtqueue *vq)
{
	return vq->driver;
}

static volatile struct virtq_used *used_ring(const struct virtqueue *vq)
{
	return vq->device;
}

/* -- Available ring ------------------------------------------------------ */

/* Section 2.7.5.3: one table, nothing after it. */
static int enter_indirect(const struct virtqueue *vq, struct table *table,
			  const struct virtq_desc *desc)
{
	if (table->indirect || (desc->flags & VRING_DESC_F_NEXT) != 0) {
		return -EPROTO;
	}
	table->desc = virtq_table(vq, desc->addr, desc->len);
	table->count = desc->len / VIRTQ_DESC_BYTES;
	table->indirect = 1;
	return table->desc ? 0 : -EPROTO;
}

static int walk(const struct virtqueue *vq, struct virtq_chain *chain)
{
	struct table table = { vq->desc, vq->num, 0 };
	struct virtq_desc desc;
	unsigned next = chain->head;
	unsigned steps = 0;

	for (;;) {
		if (next >= table.count || steps++ >= table.count) {
			return -EPROTO; /* outside of the table, or a loop */
		}
		desc.addr = table.desc[next].addr;
		desc.len = table.desc[next].len;
		desc.flags = table.desc[next].flags;
		desc.next = table.desc[next].next;
		if ((desc.flags & VRING_DESC_F_INDIRECT) != 0) {
			if (enter_indirect(vq, &table, &desc) < 0) {
				return -EPROTO;
			}
			next = 0;
			steps = 0;
			continue;
		}
		if (!virtq_add(chain, desc.addr, desc.len,
			       (desc.flags & VRING_DESC_F_WRITE) != 0)) {
			return -EPROTO;
		}
		if ((desc.flags & VRING_DESC_F_NEXT) == 0) {
			return 0;
		}
		next = desc.next;
	}
}

/* How many requests the driver has made available that we did not take. */
static uint16_t available(const struct virtqueue *vq)
{
	return (uint16_t)(__atomic_load_n(&avail_ring(vq)->idx,
					  __ATOMIC_ACQUIRE) -
			  vq->last_avail);
}

void virtq_split_want_notify(struct virtqueue *vq)
{
	if (vq->event_idx) {
		*(volatile uint16_t *)&used_ring(vq)->ring[vq->num] =
			vq->last_avail;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
}

/* Not inlined, so that a look at an empty ring needs no stack frame. */
__attribute__((noinline)) static int
take(struct virtqueue *vq, struct virtq_chain *chain, uint16_t pending)
{
	if (pending > vq->num) {
		return -EPROTO;
	}
	chain->head = avail_ring(vq)->ring[vq->last_avail & (vq->num - 1)];
	if (chain->head >= vq->num || vq->in_flight[chain->head] != 0) {
		return -EPROTO;
	}
	virtq_clear(chain);
	if (walk(vq, chain) < 0) {
		return -EPROTO;
	}
	vq->in_flight[chain->head] = 1;
	vq->last_avail++;
	return 1;
}

int virtq_split_pop(struct virtqueue *vq, struct virtq_chain *chain)
{
	uint16_t pending = available(vq);

	if (pending == 0) {
		/* The driver may have missed our wish: look once more. */
		virtq_split_want_notify(vq);
		pending = available(vq);
	}
	return pending == 0 ? 0 : take(vq, chain, pending);
}

/* -- Used ring ----------------------------------------------------------- */

void virtq_split_push(struct virtqueue *vq, uint16_t head, uint32_t written)
{
	volatile struct virtq_used *used = used_ring(vq);
	volatile struct virtq_used_elem *elem =
		&used->ring[vq->used_idx & (vq->num - 1)];

	elem->id = head;
	elem->len = written;
	vq->in_flight[head] = 0;
	vq->used_idx++;
	__atomic_store_n(&used->idx, vq->used_idx, __ATOMIC_RELEASE);
}

int virtq_split_should_signal(struct virtqueue *vq)
{
	uint16_t before = vq->signalled;
	uint16_t event;

	if (vq->used_idx == before) {
		return 0;
	}
	/* The driver's wish must be read after it can see the used entries. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	vq->signalled = vq->used_idx;
	if (!vq->event_idx) {
		return (avail_ring(vq)->flags & VRING_AVAIL_F_NO_INTERRUPT) ==
		       0;
	}
	event = avail_ring(vq)->ring[vq->num];
	return (uint16_t)(vq->used_idx - event - 1) <
	       (uint16_t)(vq->used_idx - before);
}
