/* SPDX-License-Identifier: Apache-2.0 */
/* Split virtqueue: the device's side (virtio 1.2 section 2.7). */
#include "dev/virtqueue.h"

#include <linux/errno.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>

#include "core/mem.h"

/* The rings as guest memory has them, little-endian like every arm64 guest. */
struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

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

/* -- Set-up -------------------------------------------------------------- */

static uint64_t avail_bytes(const struct virtqueue *vq)
{
	return sizeof(struct virtq_avail) + 2ull * vq->num + 2;
}

static uint64_t used_bytes(const struct virtqueue *vq)
{
	return sizeof(struct virtq_used) +
	       sizeof(struct virtq_used_elem) * (uint64_t)vq->num + 2;
}

static int overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

static int rings_overlap(const struct virtqueue *vq)
{
	uint64_t desc_bytes = sizeof(struct virtq_desc) * (uint64_t)vq->num;

	return overlap(vq->desc_gpa, desc_bytes, vq->avail_gpa,
		       avail_bytes(vq)) ||
	       overlap(vq->desc_gpa, desc_bytes, vq->used_gpa,
		       used_bytes(vq)) ||
	       overlap(vq->avail_gpa, avail_bytes(vq), vq->used_gpa,
		       used_bytes(vq));
}

int virtqueue_start(struct virtqueue *vq)
{
	if (vq->num == 0 || vq->num > vq->num_max ||
	    (vq->num & (vq->num - 1)) != 0) {
		return -EINVAL;
	}
	if (vq->desc_gpa % 16 != 0 || vq->avail_gpa % 2 != 0 ||
	    vq->used_gpa % 4 != 0) {
		return -EINVAL;
	}
	vq->desc = mem_ptr(vq->desc_gpa, sizeof(struct virtq_desc) * vq->num);
	vq->avail = mem_ptr(vq->avail_gpa, avail_bytes(vq));
	vq->used = mem_ptr(vq->used_gpa, used_bytes(vq));
	if (!vq->desc || !vq->avail || !vq->used || rings_overlap(vq)) {
		return -EINVAL;
	}
	vq->last_avail = 0;
	vq->used_idx = 0;
	vq->signalled = 0;
	memset(vq->in_flight, 0, sizeof(vq->in_flight));
	vq->ready = 1;
	return 0;
}

void virtqueue_reset(struct virtqueue *vq)
{
	uint32_t num_max = vq->num_max;

	memset(vq, 0, sizeof(*vq));
	vq->num_max = num_max;
}

/* -- Available ring ------------------------------------------------------ */

static int add_segment(struct virtq_chain *chain, const struct virtq_desc *desc)
{
	int writable = (desc->flags & VRING_DESC_F_WRITE) != 0;
	struct sys_iovec *iov = &chain->iov[chain->count];

	if (chain->count == VIRTQUEUE_MAX_SEGMENTS ||
	    (!writable && chain->count != chain->readable)) {
		return -EPROTO; /* too long, or readable after writable */
	}
	iov->base = mem_ptr(desc->addr, desc->len);
	iov->len = desc->len;
	if (!iov->base || desc->len == 0) {
		return -EPROTO;
	}
	chain->count++;
	if (writable) {
		chain->writable_bytes += desc->len;
	} else {
		chain->readable++;
		chain->readable_bytes += desc->len;
	}
	return 0;
}

/* Section 2.7.5.3: one table, a whole number of descriptors, nothing after. */
static int enter_indirect(const struct virtqueue *vq, struct table *table,
			  const struct virtq_desc *desc)
{
	uint32_t count = desc->len / sizeof(struct virtq_desc);

	if (!vq->indirect || table->indirect ||
	    (desc->flags & VRING_DESC_F_NEXT) != 0 || count == 0 ||
	    desc->len % sizeof(struct virtq_desc) != 0 ||
	    count > VIRTQUEUE_MAX_SEGMENTS || desc->addr % 16 != 0) {
		return -EPROTO;
	}
	table->desc = mem_ptr(desc->addr, desc->len);
	table->count = count;
	table->indirect = 1;
	return table->desc ? 0 : -EPROTO;
}

static int walk(const struct virtqueue *vq, struct virtq_chain *chain)
{
	struct table table = { vq->desc, vq->num, 0 };
	struct virtq_desc desc;
	unsigned next = chain->head;
	unsigned steps = 0;
	int ret;

	for (;;) {
		if (next >= table.count || steps++ >= table.count) {
			return -EPROTO; /* outside of the table, or a loop */
		}
		desc.addr = table.desc[next].addr;
		desc.len = table.desc[next].len;
		desc.flags = table.desc[next].flags;
		desc.next = table.desc[next].next;
		if ((desc.flags & VRING_DESC_F_INDIRECT) != 0) {
			ret = enter_indirect(vq, &table, &desc);
			next = 0;
			steps = 0;
		} else {
			ret = add_segment(chain, &desc);
			next = desc.next;
			if (ret == 0 && (desc.flags & VRING_DESC_F_NEXT) == 0) {
				return 0;
			}
		}
		if (ret < 0) {
			return ret;
		}
	}
}

/* True if the driver has made a request available that we did not take. */
static int available(const struct virtqueue *vq)
{
	return __atomic_load_n(&vq->avail->idx, __ATOMIC_ACQUIRE) !=
	       vq->last_avail;
}

void virtqueue_want_notify(struct virtqueue *vq)
{
	if (vq->event_idx) {
		*(volatile uint16_t *)&vq->used->ring[vq->num] = vq->last_avail;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
}

/*
 * Nothing left: ask to be notified of the next request, then look once more,
 * since the driver may not have seen our wish when it made it available.
 */
static int nothing_left(struct virtqueue *vq)
{
	virtqueue_want_notify(vq);
	return !available(vq);
}

int virtqueue_pop(struct virtqueue *vq, struct virtq_chain *chain)
{
	uint16_t pending;
	int ret;

	if (!vq->ready || (!available(vq) && nothing_left(vq))) {
		return 0;
	}
	pending = __atomic_load_n(&vq->avail->idx, __ATOMIC_ACQUIRE) -
		  vq->last_avail;
	if (pending > vq->num) {
		return -EPROTO;
	}
	chain->head = vq->avail->ring[vq->last_avail & (vq->num - 1)];
	if (chain->head >= vq->num || vq->in_flight[chain->head]) {
		return -EPROTO;
	}
	chain->readable = 0;
	chain->count = 0;
	chain->readable_bytes = 0;
	chain->writable_bytes = 0;
	ret = walk(vq, chain);
	if (ret < 0) {
		return ret;
	}
	vq->in_flight[chain->head] = 1;
	vq->last_avail++;
	return 1;
}

/* -- Used ring ----------------------------------------------------------- */

void virtqueue_push(struct virtqueue *vq, uint16_t head, uint32_t written)
{
	volatile struct virtq_used_elem *elem =
		&vq->used->ring[vq->used_idx & (vq->num - 1)];

	elem->id = head;
	elem->len = written;
	vq->in_flight[head] = 0;
	vq->used_idx++;
	__atomic_store_n(&vq->used->idx, vq->used_idx, __ATOMIC_RELEASE);
}

int virtqueue_should_signal(struct virtqueue *vq)
{
	uint16_t before = vq->signalled;
	uint16_t event;

	if (vq->used_idx == before) {
		return 0;
	}
	/* The driver's wish must be read after it can see the used entries. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!vq->event_idx) {
		vq->signalled = vq->used_idx;
		return (vq->avail->flags & VRING_AVAIL_F_NO_INTERRUPT) == 0;
	}
	event = vq->avail->ring[vq->num];
	vq->signalled = vq->used_idx;
	return (uint16_t)(vq->used_idx - event - 1) <
	       (uint16_t)(vq->used_idx - before);
}
