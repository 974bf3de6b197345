/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-rng. A request is answered on the spot with at most RNG_MAX bytes,
 * which bounds the time of one exit; drivers ask again for more.
 */
#include "dev/rng.h"

#include <linux/errno.h>
#include <linux/random.h>
#include <linux/virtio_ids.h>

#include "dev/virtio_transport.h"

#define RNG_MAX 4096

static struct virtio_device rng;

/* Fills the chain; the bytes written, or -EPROTO if there is no room. */
static int fill(const struct virtq_chain *chain)
{
	uint32_t total = 0;
	unsigned i;

	if (chain->writable_bytes == 0) {
		return -EPROTO;
	}
	for (i = chain->readable; i < chain->count && total < RNG_MAX; i++) {
		size_t want = chain->iov[i].len;
		long got;

		if (want > RNG_MAX - total) {
			want = RNG_MAX - total;
		}
		got = sys_getrandom(chain->iov[i].base, want, GRND_NONBLOCK);
		total += got > 0 ? (uint32_t)got : 0;
		if (got != (long)want) {
			break; /* the host has no more yet: less, or none */
		}
	}
	return (int)total;
}

static int request(struct virtio_device *device, unsigned q,
		   struct virtq_chain *chain)
{
	int total = fill(chain);

	if (total >= 0) {
		virtqueue_push(&device->queues[q], chain->head,
			       (uint32_t)total);
	}
	return total;
}

static void quiesce(struct virtio_device *device, unsigned q)
{
	(void)device;
	(void)q; /* nothing is ever in flight */
}

void rng_init(const struct config_device *row)
{
	static const struct virtio_type type = {
		.id = VIRTIO_ID_RNG,
		.queues = 1,
		.request = request,
		.quiesce = quiesce,
	};

	rng.name = row->name;
	rng.type = &type;
	rng.queue_size = row->queue_size;
	virtio_attach(&rng, row);
}
