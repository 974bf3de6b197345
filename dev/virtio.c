/* SPDX-License-Identifier: Apache-2.0 */
/* What every virtio device shares (virtio 1.2 sections 2 and 3). */
#include "dev/virtio.h"

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stddef.h>

#include "core/log.h"

#define BIT(n) (1ull << (n))
#define RING_FEATURES \
	(BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX))
#define MODERN_FEATURES                                        \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_RING_PACKED) | \
	 BIT(VIRTIO_F_RING_RESET))
#define FROZEN (VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)
#define LIVE (VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_NEEDS_RESET)

void virtio_limit(struct virtio_device *device, uint64_t features)
{
	device->withheld = (RING_FEATURES | MODERN_FEATURES) &
			   ~(features | BIT(VIRTIO_F_VERSION_1));
}

void virtio_init(struct virtio_device *device)
{
	unsigned q;

	device->offered |= RING_FEATURES;
	if (!device->legacy) {
		device->offered |= MODERN_FEATURES;
	}
	device->offered &= ~device->withheld;
	for (q = 0; q < device->type->queues; q++) {
		device->queues[q].num_max = device->queue_size;
		virtqueue_reset(&device->queues[q]);
	}
}

static void quiesce(struct virtio_device *device)
{
	unsigned q;

	for (q = 0; q < device->type->queues; q++) {
		device->type->quiesce(device, q);
	}
}

static void reset(struct virtio_device *device)
{
	unsigned q;

	quiesce(device);
	device->status = 0;
	device->isr = 0;
	device->accepted = 0;
	device->queue_select = 0;
	for (q = 0; q < device->type->queues; q++) {
		virtqueue_reset(&device->queues[q]);
	}
	device->transport->reset(device);
}

uint32_t virtio_offered(const struct virtio_device *device, uint32_t word)
{
	return word > 1 ? 0 : (uint32_t)(device->offered >> (32 * word));
}

/* Section 3.1.1 step 5: refused features show as FEATURES_OK reading 0. */
static int features_fit(const struct virtio_device *device)
{
	return (device->accepted & ~device->offered) == 0 &&
	       (device->legacy ||
		(device->accepted & BIT(VIRTIO_F_VERSION_1)) != 0);
}

int virtio_live(const struct virtio_device *device)
{
	return (device->status & LIVE) == VIRTIO_CONFIG_S_DRIVER_OK;
}

/* Legacy drivers cannot be told: keep what they were offered, 32 bits. */
static void limit_legacy(struct virtio_device *device)
{
	if (device->legacy) {
		device->accepted &= device->offered & UINT32_MAX;
	}
}

void virtio_set_legacy(struct virtio_device *device, int legacy)
{
	if ((device->status & FROZEN) == 0) {
		device->legacy = legacy;
		limit_legacy(device);
	}
}

void virtio_set_status(struct virtio_device *device, uint32_t status)
{
	uint32_t needs_reset = device->status & VIRTIO_CONFIG_S_NEEDS_RESET;
	int was_live = virtio_live(device);

	status &= 0xff;
	if (status == 0) {
		reset(device);
		return;
	}
	if ((device->status & ~needs_reset & ~status) != 0) {
		return; /* section 2.1.1: bits are only ever added */
	}
	if ((status & VIRTIO_CONFIG_S_FEATURES_OK) != 0 &&
	    !features_fit(device)) {
		status &= ~(uint32_t)VIRTIO_CONFIG_S_FEATURES_OK;
	}
	if (!device->legacy && (status & VIRTIO_CONFIG_S_FEATURES_OK) == 0) {
		status &= ~(uint32_t)VIRTIO_CONFIG_S_DRIVER_OK;
	}
	/* The device alone sets NEEDS_RESET. */
	device->status = (status & ~(uint32_t)VIRTIO_CONFIG_S_NEEDS_RESET) |
			 needs_reset;
	if (!was_live && virtio_live(device) && device->type->activate) {
		device->type->activate(device);
	}
}

void virtio_accept(struct virtio_device *device, uint32_t word, uint32_t bits)
{
	if (word > 1 || (device->status & FROZEN) != 0) {
		return;
	}
	device->accepted &= ~((uint64_t)UINT32_MAX << (32 * word));
	device->accepted |= (uint64_t)bits << (32 * word);
	limit_legacy(device);
}

struct virtqueue *virtio_selected(struct virtio_device *device)
{
	if (device->queue_select >= device->type->queues) {
		return NULL;
	}
	return &device->queues[device->queue_select];
}

/* Section 2.6.1: a queue that was reset may be set up while all others run. */
static int frozen(const struct virtio_device *device,
		  const struct virtqueue *vq)
{
	return vq->ready || (!vq->was_reset && (device->status & LIVE) != 0);
}

struct virtqueue *virtio_selected_setup(struct virtio_device *device)
{
	struct virtqueue *vq = virtio_selected(device);

	return vq && !frozen(device, vq) ? vq : NULL;
}

void virtio_stop_queue(struct virtio_device *device)
{
	struct virtqueue *vq = virtio_selected(device);

	if (vq && vq->ready) {
		device->type->quiesce(device, device->queue_select);
		virtqueue_reset(vq);
	}
}

void virtio_reset_queue(struct virtio_device *device)
{
	struct virtqueue *vq = virtio_selected(device);

	if (vq && (device->accepted & BIT(VIRTIO_F_RING_RESET)) != 0) {
		virtio_stop_queue(device);
		vq->was_reset = 1;
	}
}

void virtio_start_legacy_queue(struct virtio_device *device, uint64_t gpa,
			       uint32_t align)
{
	struct virtqueue *vq = virtio_selected_setup(device);
	uint64_t end;

	if (!vq) {
		return;
	}
	vq->desc_gpa = gpa;
	vq->avail_gpa = gpa + 16ull * vq->num;
	end = vq->avail_gpa + 6 + 2ull * vq->num;
	vq->used_gpa = (end + align - 1) & ~((uint64_t)align - 1);
	virtio_start_queue(device);
}

void virtio_start_queue(struct virtio_device *device)
{
	struct virtqueue *vq = virtio_selected_setup(device);

	if (!vq) {
		return;
	}
	vq->indirect = (device->accepted & BIT(VIRTIO_RING_F_INDIRECT_DESC)) !=
		       0;
	vq->event_idx = (device->accepted & BIT(VIRTIO_RING_F_EVENT_IDX)) != 0;
	vq->packed = (device->accepted & BIT(VIRTIO_F_RING_PACKED)) != 0;
	if (virtqueue_start(vq) < 0) {
		log_guest("%s: queue %u refused: %u descriptors at 0x%llx, "
			  "rings at 0x%llx, 0x%llx",
			  device->name, device->queue_select, vq->num,
			  (unsigned long long)vq->desc_gpa,
			  (unsigned long long)vq->avail_gpa,
			  (unsigned long long)vq->used_gpa);
	} else if (virtio_live(device) && device->type->restart) {
		device->type->restart(device, device->queue_select);
	}
}

/*
 * At most num requests for one notification, which bounds the time of an exit
 * even if a device's own DMA writes new ones into the ring meanwhile.
 */
static int serve(struct virtio_device *device, unsigned q)
{
	static struct virtq_chain chain;
	struct virtqueue *vq = &device->queues[q];
	unsigned left = vq->num;
	int ret;

	do {
		ret = virtqueue_pop(vq, &chain);
		if (ret <= 0) {
			return ret;
		}
		ret = device->type->request(device, q, &chain);
	} while (ret >= 0 && --left > 0);
	virtqueue_want_notify(vq);
	return ret;
}

void virtio_notify(struct virtio_device *device, uint32_t q)
{
	if (q >= device->type->queues || !virtio_live(device) ||
	    !device->queues[q].ready) {
		return;
	}
	if (device->type->kick && device->type->kick(device, q)) {
		return;
	}
	if (virtio_check(device, serve(device, q))) {
		virtio_signal(device, q);
	}
}

void virtio_break(struct virtio_device *device, const char *why)
{
	if (!virtio_live(device)) {
		return;
	}
	log_guest("%s: %s; the device waits for a reset", device->name, why);
	device->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	device->transport->config_changed(device);
}

int virtio_check(struct virtio_device *device, int ret)
{
	if (ret < 0) {
		virtio_break(device, "the driver broke the queue's rules");
	}
	return ret >= 0;
}

void virtio_halt(struct virtio_device *device)
{
	if (virtio_live(device)) {
		quiesce(device);
		device->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	}
}

void virtio_signal(struct virtio_device *device, unsigned q)
{
	if (virtqueue_should_signal(&device->queues[q])) {
		device->transport->interrupt(device, q);
	}
}
