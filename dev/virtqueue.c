/* SPDX-License-Identifier: Apache-2.0 */
/* Virtqueues: what does not depend on the ring's format, and the choice. */
#include "dev/virtqueue.h"

#include <linux/errno.h>
#include <string.h>

#include "core/mem.h"
#include "core/status.h"
#include "dev/virtq.h"

_Static_assert(CONFIG_MAX_QUEUE <= UINT8_MAX, "in_flight counts descriptors");

/* One of the three parts of a queue, in guest memory. */
struct area {
	uint64_t gpa;
	uint64_t bytes;
	unsigned align;
};

static void *map(const struct area *area)
{
	return area->gpa % area->align == 0 ? mem_ptr(area->gpa, area->bytes) :
					      NULL;
}

/* Both are in RAM, so that no sum wraps. */
static int overlap(const struct area *a, const struct area *b)
{
	return a->gpa < b->gpa + b->bytes && b->gpa < a->gpa + a->bytes;
}

/* Sizes and alignments: the tables of sections 2.7 and 2.8.10.1. */
int virtqueue_start(struct virtqueue *vq)
{
	struct area desc = { vq->desc_gpa, 16ull * vq->num, 16 };
	struct area driver = { vq->avail_gpa, 6 + 2ull * vq->num, 2 };
	struct area device = { vq->used_gpa, 6 + 8ull * vq->num, 4 };

	if (vq->packed) {
		driver = (struct area){ vq->avail_gpa, 4, 4 };
		device = (struct area){ vq->used_gpa, 4, 4 };
	}
	if (vq->num == 0 || vq->num > vq->num_max ||
	    (!vq->packed && (vq->num & (vq->num - 1)) != 0)) {
		return -EINVAL;
	}
	vq->desc = map(&desc);
	vq->driver = map(&driver);
	vq->device = map(&device);
	if (!vq->desc || !vq->driver || !vq->device ||
	    overlap(&desc, &driver) || overlap(&desc, &device) ||
	    overlap(&driver, &device)) {
		return -EINVAL;
	}
	vq->last_avail = 0;
	vq->used_idx = 0;
	vq->signalled = 0;
	vq->fresh = 0;
	memset(vq->in_flight, 0, sizeof(vq->in_flight));
	vq->ready = 1;
	return 0;
}

void virtqueue_reset(struct virtqueue *vq)
{
	uint32_t num_max = vq->num_max;

	memset(vq, 0, sizeof(*vq));
	vq->num_max = num_max;
	vq->num = num_max; /* section 4.1.4.3 */
}

int virtqueue_pop(struct virtqueue *vq, struct virtq_chain *chain)
{
	int taken;

	if (!vq->ready) {
		return 0;
	}
	taken = vq->packed ? virtq_packed_pop(vq, chain) :
			     virtq_split_pop(vq, chain);
	if (taken > 0) {
		status_count_request();
	}
	return taken;
}

void virtqueue_want_notify(struct virtqueue *vq)
{
	if (vq->packed) {
		virtq_packed_want_notify(vq);
	} else {
		virtq_split_want_notify(vq);
	}
}

void virtqueue_push(struct virtqueue *vq, uint16_t head, uint32_t written)
{
	if (vq->packed) {
		virtq_packed_push(vq, head, written);
	} else {
		virtq_split_push(vq, head, written);
	}
}

int virtqueue_should_signal(struct virtqueue *vq)
{
	return vq->packed ? virtq_packed_should_signal(vq) :
			    virtq_split_should_signal(vq);
}
