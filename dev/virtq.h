/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to dev/virtqueue.c and the two ring formats behind it: what they
 * share of checking a chain, and each format's side of dev/virtqueue.h.
 */
#pragma once

#include <stddef.h>

#include "core/mem.h"
#include "dev/virtqueue.h"

/* A descriptor of either format, in the ring or in an indirect table. */
#define VIRTQ_DESC_BYTES 16u

/* The queue is ready for all of these. */
MUST_CHECK int virtq_split_pop(struct virtqueue *vq, struct virtq_chain *chain);
void virtq_split_want_notify(struct virtqueue *vq);
void virtq_split_push(struct virtqueue *vq, uint16_t head, uint32_t written);
MUST_CHECK int virtq_split_should_signal(struct virtqueue *vq);

MUST_CHECK int virtq_packed_pop(struct virtqueue *vq,
				struct virtq_chain *chain);
void virtq_packed_want_notify(struct virtqueue *vq);
void virtq_packed_push(struct virtqueue *vq, uint16_t head, uint32_t written);
MUST_CHECK int virtq_packed_should_signal(struct virtqueue *vq);

static inline void virtq_clear(struct virtq_chain *chain)
{
	chain->readable = 0;
	chain->count = 0;
	chain->readable_bytes = 0;
	chain->writable_bytes = 0;
}

/*
 * Adds one buffer, given by values and not by the descriptor, which the guest
 * can change. False if it breaks a rule: empty, not in RAM, one too many, or
 * readable after writable.
 */
MUST_CHECK static inline int virtq_add(struct virtq_chain *chain, uint64_t addr,
				       uint32_t len, int writable)
{
	struct sys_iovec *iov = &chain->iov[chain->count];

	if (chain->count == VIRTQUEUE_MAX_SEGMENTS ||
	    (!writable && chain->count != chain->readable)) {
		return 0;
	}
	iov->base = mem_ptr(addr, len);
	iov->len = len;
	if (!iov->base || len == 0) {
		return 0;
	}
	chain->count++;
	if (writable) {
		chain->writable_bytes += len;
	} else {
		chain->readable++;
		chain->readable_bytes += len;
	}
	return 1;
}

/*
 * An indirect table (sections 2.7.5.3 and 2.8.7): a whole number of
 * descriptors, at any alignment. NULL if it breaks a rule.
 */
MUST_CHECK static inline const volatile void *
virtq_table(const struct virtqueue *vq, uint64_t addr, uint32_t len)
{
	if (!vq->indirect || len == 0 || len % VIRTQ_DESC_BYTES != 0 ||
	    len > VIRTQUEUE_MAX_SEGMENTS * VIRTQ_DESC_BYTES) {
		return NULL;
	}
	return mem_ptr(addr, len);
}
