/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtqueues, split and packed (virtio 1.2 sections 2.7 and 2.8): the one
 * walker of what a driver puts into guest memory. Everything is copied once,
 * checked, then used; a ring that breaks the rules breaks the queue, never the
 * VMM. Devices and transports do not see which of the two a queue is.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/sys.h"

/* Buffers in one chain, direct or indirect. */
#define VIRTQUEUE_MAX_SEGMENTS CONFIG_MAX_QUEUE

struct virtqueue {
	/* Set by the driver while the queue is not ready. */
	uint32_t num; /* descriptors; a power of two, unless packed */
	uint32_t num_max; /* 0: the device has no such queue */
	uint64_t desc_gpa; /* descriptor area */
	uint64_t avail_gpa; /* driver area: available ring, event suppression */
	uint64_t used_gpa; /* device area: used ring, event suppression */
	int was_reset; /* alone (VIRTIO_F_RING_RESET), not with the device */
	/* Negotiated features; set before virtqueue_start(). */
	int event_idx; /* VIRTIO_RING_F_EVENT_IDX */
	int indirect; /* VIRTIO_RING_F_INDIRECT_DESC */
	int packed; /* VIRTIO_F_RING_PACKED */
	/* Set by virtqueue_start(). */
	int ready;
	void *desc; /* the three areas, in guest RAM */
	void *driver;
	void *device;
	/*
	 * Where the device takes and gives back: free-running indices, or in a
	 * packed ring positions in two laps, 0 to 2 * num - 1, the first of
	 * which is the one with the wrap counter 1.
	 */
	uint16_t last_avail;
	uint16_t used_idx;
	uint16_t signalled; /* split: used_idx when the driver was last told */
	uint32_t fresh; /* packed: descriptors used since then */
	uint8_t in_flight[CONFIG_MAX_QUEUE]; /* by head: entries it holds */
};

/* One request: readable buffers first, then writable ones. */
struct virtq_chain {
	uint16_t head; /* names the request; in a packed ring the buffer id */
	unsigned readable; /* how many of iov the device may read */
	unsigned count;
	uint64_t readable_bytes;
	uint64_t writable_bytes;
	struct sys_iovec iov[VIRTQUEUE_MAX_SEGMENTS]; /* host pointers */
};

/*
 * Checks the rings' addresses and makes the queue ready. 0, or -EINVAL if num
 * is 0, over num_max or, in a split ring, no power of two; or if an area is
 * misaligned, outside of RAM, or overlaps another.
 */
MUST_CHECK int virtqueue_start(struct virtqueue *vq);
/* Forgets all that the driver set; num_max stays. */
void virtqueue_reset(struct virtqueue *vq);

/*
 * Takes the next request: 1 with *chain filled in, 0 if there is none (the
 * driver will notify again), -EPROTO if the ring is broken.
 */
MUST_CHECK int virtqueue_pop(struct virtqueue *vq, struct virtq_chain *chain);

/* Asks for a notification of the next request; for who stops before 0. */
void virtqueue_want_notify(struct virtqueue *vq);

/* Gives a request back, in any order; written is in bytes. */
void virtqueue_push(struct virtqueue *vq, uint16_t head, uint32_t written);
/* True if the driver wants to hear of what was pushed since the last time. */
MUST_CHECK int virtqueue_should_signal(struct virtqueue *vq);
