/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every virtio device shares, whatever the transport: features, the
 * status machine, queue selection and its checks, NEEDS_RESET and reset
 * (virtio 1.2 sections 2 and 3). Transports translate registers into these
 * calls; devices supply a struct virtio_type.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "dev/virtqueue.h"

/* Sections 4.1.4.5 and 4.2.2: what InterruptStatus and ISR say. */
#define VIRTIO_ISR_QUEUE 1u
#define VIRTIO_ISR_CONFIG 2u

#define VIRTIO_MAX_QUEUES 3

struct virtio_device;

/* What a kind of device adds; the transport-independent half of a driver. */
struct virtio_type {
	uint32_t id; /* section 5 */
	uint32_t queues;
	/*
	 * Starts one request of queue q; *chain is gone when this returns.
	 * -EPROTO if it is no request of this device: that breaks the queue.
	 */
	int (*request)(struct virtio_device *device, unsigned q,
		       struct virtq_chain *chain);
	/* The driver has set DRIVER_OK: queues may be used; may be NULL. */
	void (*activate)(struct virtio_device *device);
	/*
	 * A notification of queue q: 1 if that was all, 0 if request() is to
	 * be called for what is available. NULL: as if it returned 0.
	 */
	int (*kick)(struct virtio_device *device, unsigned q);
	/* Queue q is back while the device is live; may be NULL. */
	void (*restart)(struct virtio_device *device, unsigned q);
	/* Queue q stops: afterwards nothing touches memory for it. */
	void (*quiesce)(struct virtio_device *device, unsigned q);
};

/* What a transport must do when the device wants it. */
struct virtio_transport_ops {
	/* Tell the driver: queue q has used buffers. */
	void (*interrupt)(struct virtio_device *device, unsigned q);
	/* Tell the driver: the configuration, or NEEDS_RESET, changed. */
	void (*config_changed)(struct virtio_device *device);
	/* The driver wrote status 0. */
	void (*reset)(struct virtio_device *device);
	/*
	 * From now on the driver's notifications of queue q signal the eventfd
	 * kick, and the eventfd call interrupts the driver, without us.
	 */
	void (*bind)(struct virtio_device *device, unsigned q, int kick,
		     int call);
	void (*unbind)(struct virtio_device *device, unsigned q, int kick);
};

struct virtio_device {
	const char *name;
	const struct virtio_type *type;
	const struct virtio_transport_ops *transport;
	void *transport_state; /* the transport's own */
	const void *config; /* the device's configuration space */
	uint32_t config_bytes;
	uint64_t offered;
	uint64_t withheld; /* features of the core that are not offered */
	uint64_t accepted;
	uint32_t status;
	uint32_t isr; /* VIRTIO_ISR_*, for transports that show it */
	uint32_t queue_select; /* as the driver wrote it: any value */
	int legacy; /* the driver uses the interface before version 1.0 */
	uint16_t queue_size;
	struct virtqueue queues[VIRTIO_MAX_QUEUES];
};

/* Sets up a device in its reset state; offered gets the core's features. */
void virtio_init(struct virtio_device *device);
/*
 * Of the core's features that need not be offered, only these will be; before
 * virtio_init().
 */
void virtio_limit(struct virtio_device *device, uint64_t features);

/*
 * The driver uses the interface before version 1.0, or the one since. From
 * FEATURES_OK or DRIVER_OK to the next reset it stays what it is.
 */
void virtio_set_legacy(struct virtio_device *device, int legacy);
/* The driver writes the status register. */
void virtio_set_status(struct virtio_device *device, uint32_t status);
/* The offered features of word 0 or 1, 32 bits each; beyond, there are none. */
uint32_t virtio_offered(const struct virtio_device *device, uint32_t word);
/* The driver accepts features: 32 bits of them, at word 0 or 1. */
void virtio_accept(struct virtio_device *device, uint32_t word, uint32_t bits);
/* The selected queue, or NULL if the device has none of that number. */
struct virtqueue *virtio_selected(struct virtio_device *device);
/* The same, but only while the driver may configure it. */
struct virtqueue *virtio_selected_setup(struct virtio_device *device);
/* Starts the selected queue, if its rings are right. */
void virtio_start_queue(struct virtio_device *device);
/* Stops it, at any time; its registers are as after a reset. */
void virtio_stop_queue(struct virtio_device *device);
/* The same, where the driver accepted VIRTIO_F_RING_RESET. */
void virtio_reset_queue(struct virtio_device *device);
/*
 * Legacy interfaces (sections 4.1.4.10, 4.2.4): all rings in one piece of
 * memory at gpa, the used ring aligned to align, a power of two.
 */
void virtio_start_legacy_queue(struct virtio_device *device, uint64_t gpa,
			       uint32_t align);
/* The driver notified queue q, any value: serves what is available. */
void virtio_notify(struct virtio_device *device, uint32_t q);

/* True while the device may use its queues. */
int virtio_live(const struct virtio_device *device);
/* The device stops until it is reset, and tells the driver so. */
void virtio_break(struct virtio_device *device, const char *why);
/* A negative ret, of serving a queue, breaks the device; true if it is not. */
int virtio_check(struct virtio_device *device, int ret);
/*
 * A live device stops as if it were broken, but says nothing: from now on to
 * the next reset it touches no memory.
 */
void virtio_halt(struct virtio_device *device);
/* Interrupts the driver if it wants to hear of what was pushed. */
void virtio_signal(struct virtio_device *device, unsigned q);
