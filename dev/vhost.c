/* SPDX-License-Identifier: Apache-2.0 */
/* Virtqueues that the host kernel serves (vhost). */
#include "dev/vhost.h"

#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <stddef.h>

#include "core/log.h"
#include "core/mem.h"

#define EVENTFD_FLAGS (EFD_CLOEXEC | EFD_NONBLOCK)

void vhost_set(struct vhost *vhost, unsigned long request, void *arg,
	       const char *what)
{
	long ret = sys_ioctl(vhost->fd, request, arg);

	if (ret < 0) {
		log_fatal(EXIT_VHOST,
			  "%s: %s refused (%ld); use a host kernel of 6.1 or "
			  "later, and check its memory",
			  vhost->path, what, ret);
	}
}

/* -- A ring that the kernel gave up -------------------------------------- */

static void watch_error(struct vhost *vhost)
{
	loop_poll(&vhost->broken, vhost->error, POLLIN);
}

static void on_error(struct loop_request *request, int result)
{
	struct vhost *vhost = (struct vhost *)request;
	uint64_t count;

	(void)result;
	if (sys_read(vhost->error, &count, sizeof(count)) > 0) {
		(void)virtio_check(vhost->device, -EPROTO);
	}
	watch_error(vhost);
}

/* -- Set-up -------------------------------------------------------------- */

static int make_eventfd(void)
{
	long fd = sys_eventfd(0, EVENTFD_FLAGS);

	if (fd < 0) {
		log_fatal(EXIT_VHOST,
			  "eventfd: error %ld; raise the limit of open files",
			  fd);
	}
	return (int)fd;
}

int vhost_open(struct vhost *vhost, const char *path,
	       struct virtio_device *device)
{
	long fd = sys_open(path, O_RDWR);
	unsigned q;

	if (fd < 0) {
		return (int)fd;
	}
	vhost->fd = (int)fd;
	vhost->path = path;
	vhost->device = device;
	vhost_set(vhost, VHOST_SET_OWNER, NULL, "VHOST_SET_OWNER");
	vhost_set(vhost, VHOST_GET_FEATURES, &vhost->features,
		  "VHOST_GET_FEATURES");
	virtio_limit(device, vhost->features);
	for (q = 0; q < VHOST_MAX_QUEUES; q++) {
		vhost->kick[q] = make_eventfd();
		vhost->call[q] = make_eventfd();
	}
	vhost->error = make_eventfd();
	vhost->broken.done = on_error;
	watch_error(vhost);
	return 0;
}

static long share_memory(struct vhost *vhost)
{
	struct {
		struct vhost_memory head;
		struct vhost_memory_region regions[CONFIG_MAX_RAM];
	} table = { .head.nregions = 0 };
	struct mem_bank bank;

	while (mem_bank(table.head.nregions, &bank)) {
		table.regions[table.head.nregions++] =
			(struct vhost_memory_region){
				.guest_phys_addr = bank.gpa,
				.memory_size = bank.size,
				.userspace_addr = (uintptr_t)bank.host,
			};
	}
	return sys_ioctl(vhost->fd, VHOST_SET_MEM_TABLE, &table);
}

long vhost_activate(struct vhost *vhost)
{
	uint64_t features = vhost->device->accepted & vhost->features;
	long ret = sys_ioctl(vhost->fd, VHOST_SET_FEATURES, &features);

	return ret < 0 ? ret : share_memory(vhost);
}

/* -- Queues -------------------------------------------------------------- */

static long set_file(struct vhost *vhost, unsigned long request, unsigned q,
		     int fd)
{
	struct vhost_vring_file file = { .index = q, .fd = fd };

	return sys_ioctl(vhost->fd, request, &file);
}

static long set_ring(struct vhost *vhost, unsigned q)
{
	const struct virtqueue *vq = &vhost->device->queues[q];
	struct vhost_vring_state state = { .index = q, .num = vq->num };
	struct vhost_vring_addr addr = {
		.index = q,
		.desc_user_addr = (uintptr_t)vq->desc,
		.avail_user_addr = (uintptr_t)vq->driver,
		.used_user_addr = (uintptr_t)vq->device,
	};
	long ret = sys_ioctl(vhost->fd, VHOST_SET_VRING_NUM, &state);

	if (ret >= 0) {
		state.num = 0;
		ret = sys_ioctl(vhost->fd, VHOST_SET_VRING_BASE, &state);
	}
	if (ret >= 0) {
		ret = sys_ioctl(vhost->fd, VHOST_SET_VRING_ADDR, &addr);
	}
	return ret;
}

int vhost_start(struct vhost *vhost, unsigned q)
{
	const struct virtio_transport_ops *transport = vhost->device->transport;
	long ret = set_ring(vhost, q);

	if (ret >= 0) {
		ret = set_file(vhost, VHOST_SET_VRING_KICK, q, vhost->kick[q]);
	}
	if (ret >= 0) {
		ret = set_file(vhost, VHOST_SET_VRING_CALL, q, vhost->call[q]);
	}
	if (ret >= 0) {
		ret = set_file(vhost, VHOST_SET_VRING_ERR, q, vhost->error);
	}
	if (ret < 0) {
		return (int)ret;
	}
	transport->bind(vhost->device, q, vhost->kick[q], vhost->call[q]);
	vhost->running[q] = 1;
	return 0;
}

void vhost_stop(struct vhost *vhost, unsigned q)
{
	vhost->device->transport->unbind(vhost->device, q, vhost->kick[q]);
	/* The kernel forgets the eventfds: nothing of the old queue is left. */
	(void)set_file(vhost, VHOST_SET_VRING_KICK, q, -1);
	(void)set_file(vhost, VHOST_SET_VRING_CALL, q, -1);
	vhost->running[q] = 0;
}

void vhost_kick(struct vhost *vhost, unsigned q)
{
	static const uint64_t one = 1;

	if (q < VHOST_MAX_QUEUES && vhost->running[q]) {
		(void)sys_write(vhost->kick[q], &one, sizeof(one));
	}
}
