/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-vsock. The kernel serves the queues of packets; the third one, for
 * events, tells of migrations, which there are none of.
 */
#include "dev/vsock.h"

#include <linux/errno.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_vsock.h>

#include "core/log.h"
#include "dev/vhost.h"
#include "dev/virtio_transport.h"

#define BIT(n) (1ull << (n))
#define QUEUES 3
#define PATH "/dev/vhost-vsock"

static struct {
	struct virtio_device device; /* first: the core hands us this */
	struct virtio_vsock_config config;
	struct vhost vhost;
} vsock;

static long set_running(int running)
{
	return sys_ioctl(vsock.vhost.fd, VHOST_VSOCK_SET_RUNNING, &running);
}

static void activate(struct virtio_device *device)
{
	long ret = vhost_activate(&vsock.vhost);
	unsigned q;

	/*
	 * The kernel serves both or none, and one that is not ready now it
	 * would serve with the rings of an earlier life.
	 */
	for (q = 0; q < VHOST_MAX_QUEUES && ret >= 0; q++) {
		ret = device->queues[q].ready ? vhost_start(&vsock.vhost, q) :
						-EINVAL;
	}
	if (ret >= 0) {
		ret = set_running(1);
	}
	if (ret < 0) {
		virtio_break(device, "vhost-vsock does not take its queues");
	}
}

static int kick(struct virtio_device *device, unsigned q)
{
	(void)device;
	vhost_kick(&vsock.vhost, q);
	return 1;
}

static void quiesce(struct virtio_device *device, unsigned q)
{
	(void)device;
	if (q < VHOST_MAX_QUEUES && vsock.vhost.running[q]) {
		(void)set_running(0);
		vhost_stop(&vsock.vhost, q);
	}
}

void vsock_init(const struct config_device *row)
{
	static const struct virtio_type type = {
		.id = VIRTIO_ID_VSOCK,
		.queues = QUEUES,
		.activate = activate,
		.kick = kick,
		.quiesce = quiesce,
	};
	struct virtio_device *device = &vsock.device;
	uint64_t cid = row->cid;
	int ret = vhost_open(&vsock.vhost, PATH, device);

	if (ret < 0) {
		log_fatal(EXIT_VHOST,
			  "%s: " PATH ": error %d; build the host kernel with "
			  "CONFIG_VHOST_VSOCK, or allow access",
			  row->name, ret);
	}
	vhost_set(&vsock.vhost, VHOST_VSOCK_SET_GUEST_CID, &cid,
		  "the guest's cid");
	vsock.config.guest_cid = cid;
	device->name = row->name;
	device->type = &type;
	device->queue_size = CONFIG_MAX_QUEUE;
	device->config = &vsock.config;
	device->config_bytes = sizeof(vsock.config);
	/* The kernel cannot stop one queue alone, whatever it offers. */
	device->withheld |= BIT(VIRTIO_F_RING_RESET);
	virtio_attach(device, row);
}
