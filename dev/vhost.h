/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtqueues that the host kernel serves (vhost): the guest's notifications
 * and the device's interrupts are eventfds, so that no exit reaches us.
 */
#pragma once

#include <stdint.h>

#include "core/loop.h"
#include "dev/virtio.h"

#define VHOST_MAX_QUEUES 2

struct vhost {
	struct loop_request broken; /* first: done() hands us this */
	struct virtio_device *device;
	const char *path;
	uint64_t features; /* the virtio features that the kernel can serve */
	int fd;
	int error; /* eventfd: the kernel found a ring broken */
	int running[VHOST_MAX_QUEUES];
	int kick[VHOST_MAX_QUEUES];
	int call[VHOST_MAX_QUEUES];
};

/*
 * Opens a vhost device for queues 0 .. VHOST_MAX_QUEUES - 1 of device, from
 * which it withholds what the kernel cannot serve of the core's features. 0, or
 * -errno if the host does not have it. Ends the process with EXIT_VHOST if the
 * host has it and refuses it.
 */
MUST_CHECK int vhost_open(struct vhost *vhost, const char *path,
			  struct virtio_device *device);
/* An ioctl at start-up; ends the process if the kernel refuses. */
void vhost_set(struct vhost *vhost, unsigned long request, void *arg,
	       const char *what);

/* The driver is ready: tells what it accepted, and where RAM is; or -errno. */
MUST_CHECK long vhost_activate(struct vhost *vhost);
/*
 * Hands a ready queue over; the backend is set next. -errno if the kernel does
 * not take its rings, which are the guest's.
 */
MUST_CHECK int vhost_start(struct vhost *vhost, unsigned q);
/* Takes it back; the backend is gone already. */
void vhost_stop(struct vhost *vhost, unsigned q);
/* A notification that reached us nevertheless. */
void vhost_kick(struct vhost *vhost, unsigned q);
