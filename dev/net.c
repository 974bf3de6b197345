/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-net. With vhost-net the kernel serves both queues and we only watch
 * over their life; on a host without it, packets go through readv() and
 * writev() on the tap.
 */
#include "dev/net.h"

#include <linux/errno.h>
#include <linux/if_tun.h>
#include <linux/poll.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <stddef.h>

#include "core/log.h"
#include "dev/tap.h"
#include "dev/vhost.h"
#include "dev/virtio_transport.h"

#define BIT(n) (1ull << (n))
#define RX 0
#define TX 1
#define QUEUES 2
#define NOT_TAKEN "vhost-net does not take its queues"

/* Bytes before each packet: with num_buffers, and without (section 5.1.6). */
#define HEADER_BYTES 12
#define LEGACY_HEADER_BYTES 10

/* Descriptors of a queue that the kernel serves: more than we could walk. */
#define VHOST_QUEUE 256

#define BASE_FEATURES                                                \
	(BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) |          \
	 BIT(VIRTIO_NET_F_MTU) | BIT(VIRTIO_NET_F_CSUM) |            \
	 BIT(VIRTIO_NET_F_HOST_TSO4) | BIT(VIRTIO_NET_F_HOST_TSO6) | \
	 BIT(VIRTIO_NET_F_GUEST_CSUM))
/* Large packets to the guest need buffers merged, which only vhost does. */
#define VHOST_FEATURES                                                 \
	(BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6) | \
	 BIT(VIRTIO_NET_F_MRG_RXBUF))

struct net {
	struct virtio_device device; /* first: the core hands us this */
	struct loop_request readable; /* the tap has a packet */
	struct virtio_net_config config;
	struct vhost vhost;
	int tap;
	int polled; /* readable is in flight */
	int has_buffer;
	struct virtq_chain buffer; /* for the next packet to the guest */
};

static struct net nets[CONFIG_MAX_NET];
static unsigned net_count;

/* -- In the kernel ------------------------------------------------------- */

static long set_backend(struct net *net, unsigned q, int fd)
{
	struct vhost_vring_file file = { .index = q, .fd = fd };

	return sys_ioctl(net->vhost.fd, VHOST_NET_SET_BACKEND, &file);
}

static long start_queue(struct net *net, unsigned q)
{
	long ret = vhost_start(&net->vhost, q);

	return ret < 0 ? ret : set_backend(net, q, net->tap);
}

static long set_up_tap(struct net *net)
{
	uint64_t accepted = net->device.accepted;
	uint64_t twelve = BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_NET_F_MRG_RXBUF);
	unsigned offload = 0;
	long ret = tap_set_header(net->tap, (accepted & twelve) != 0 ?
						    HEADER_BYTES :
						    LEGACY_HEADER_BYTES);

	if ((accepted & BIT(VIRTIO_NET_F_GUEST_CSUM)) != 0) {
		offload |= TUN_F_CSUM;
	}
	if ((accepted & BIT(VIRTIO_NET_F_GUEST_TSO4)) != 0) {
		offload |= TUN_F_TSO4;
	}
	if ((accepted & BIT(VIRTIO_NET_F_GUEST_TSO6)) != 0) {
		offload |= TUN_F_TSO6;
	}
	return ret < 0 ? ret : tap_set_offload(net->tap, offload);
}

static void activate_vhost(struct virtio_device *device)
{
	struct net *net = (struct net *)device;
	long ret = set_up_tap(net);
	unsigned q;

	if (ret >= 0) {
		ret = vhost_activate(&net->vhost);
	}
	for (q = 0; q < QUEUES && ret >= 0; q++) {
		if (device->queues[q].ready) {
			ret = start_queue(net, q);
		}
	}
	if (ret < 0) {
		virtio_break(device, NOT_TAKEN);
	}
}

static void restart_vhost(struct virtio_device *device, unsigned q)
{
	if (start_queue((struct net *)device, q) < 0) {
		virtio_break(device, NOT_TAKEN);
	}
}

static int kick_vhost(struct virtio_device *device, unsigned q)
{
	vhost_kick(&((struct net *)device)->vhost, q);
	return 1;
}

static void quiesce_vhost(struct virtio_device *device, unsigned q)
{
	struct net *net = (struct net *)device;

	if (net->vhost.running[q]) {
		(void)set_backend(net, q, -1);
		vhost_stop(&net->vhost, q);
	}
}

/* -- Here ---------------------------------------------------------------- */

static void poll_tap(struct net *net)
{
	if (!net->polled) {
		net->polled = 1;
		loop_poll(&net->readable, net->tap, POLLIN);
	}
}

/*
 * Packets into the driver's buffers, as long as there are both. The buffer
 * that the next packet goes to is kept until there is one.
 */
static int receive(struct net *net)
{
	struct virtqueue *vq = &net->device.queues[RX];
	struct virtq_chain *chain = &net->buffer;
	unsigned left;

	for (left = vq->num; left > 0; left--) {
		int ret = net->has_buffer ? 1 : virtqueue_pop(vq, chain);
		long n;

		if (ret <= 0) {
			return ret;
		}
		if (chain->readable != 0 ||
		    chain->writable_bytes < HEADER_BYTES) {
			return -EPROTO;
		}
		n = sys_readv(net->tap, chain->iov, (int)chain->count);
		net->has_buffer = n < 0;
		if (n < 0) {
			break;
		}
		virtqueue_push(vq, chain->head, (uint32_t)n);
	}
	poll_tap(net);
	return 0;
}

static void serve_receive(struct net *net)
{
	struct virtio_device *device = &net->device;

	if (!virtio_live(device) || !device->queues[RX].ready) {
		return;
	}
	if (virtio_check(device, receive(net))) {
		virtio_signal(device, RX);
	}
}

static void on_readable(struct loop_request *request, int result)
{
	struct net *net = (struct net *)((char *)request -
					 offsetof(struct net, readable));

	net->polled = 0;
	if ((result & POLLERR) != 0) {
		/* Ready for ever: waiting again would do nothing else. */
		log_guest("%s: the host's interface is gone; restart "
			  "the partition once it is back",
			  net->device.name);
		return;
	}
	serve_receive(net);
}

/* One packet to send; one that the host refuses is lost, as on a wire. */
static int transmit(struct virtio_device *device, unsigned q,
		    struct virtq_chain *chain)
{
	struct net *net = (struct net *)device;
	long ret;

	if (chain->count != chain->readable) {
		return -EPROTO;
	}
	ret = sys_writev(net->tap, chain->iov, (int)chain->count);
	if (ret < 0) {
		log_guest("%s: the host refuses a packet of %llu bytes (%ld)",
			  device->name,
			  (unsigned long long)chain->readable_bytes, ret);
	}
	virtqueue_push(&device->queues[q], chain->head, 0);
	return 0;
}

static int kick_here(struct virtio_device *device, unsigned q)
{
	if (q == RX) {
		serve_receive((struct net *)device);
	}
	return q == RX;
}

static void activate_here(struct virtio_device *device)
{
	struct net *net = (struct net *)device;

	if (set_up_tap(net) < 0) {
		virtio_break(device, "the tap refuses its features");
	}
	serve_receive(net);
}

static void quiesce_here(struct virtio_device *device, unsigned q)
{
	device->queues[q].ready = 0;
	if (q == RX) {
		((struct net *)device)->has_buffer = 0;
	}
}

/* -- Set-up -------------------------------------------------------------- */

static void describe(struct net *net, const struct config_device *row)
{
	unsigned i;

	for (i = 0; i < sizeof(net->config.mac); i++) {
		net->config.mac[i] = (uint8_t)(row->mac >> (40 - 8 * i));
	}
	net->config.status = VIRTIO_NET_S_LINK_UP;
	net->config.max_virtqueue_pairs = 1;
	net->config.mtu = row->mtu;
	net->device.name = row->name;
	net->device.queue_size = CONFIG_MAX_QUEUE;
	net->device.config = &net->config;
	net->device.config_bytes = offsetof(struct virtio_net_config, speed);
	net->device.offered = BASE_FEATURES;
}

void net_init(const struct config_device *row)
{
	static const struct virtio_type in_kernel = {
		.id = VIRTIO_ID_NET,
		.queues = QUEUES,
		.activate = activate_vhost,
		.kick = kick_vhost,
		.restart = restart_vhost,
		.quiesce = quiesce_vhost,
	};
	static const struct virtio_type here = {
		.id = VIRTIO_ID_NET,
		.queues = QUEUES,
		.activate = activate_here,
		.kick = kick_here,
		.request = transmit,
		.quiesce = quiesce_here,
	};
	struct net *net = &nets[net_count++];
	struct virtio_device *device = &net->device;

	net->tap = tap_open(row);
	describe(net, row);
	if (vhost_open(&net->vhost, "/dev/vhost-net", device) == 0) {
		device->type = &in_kernel;
		device->queue_size = VHOST_QUEUE;
		device->offered |= VHOST_FEATURES;
		device->offered &= net->vhost.features | BASE_FEATURES |
				   BIT(VIRTIO_NET_F_GUEST_TSO4) |
				   BIT(VIRTIO_NET_F_GUEST_TSO6);
	} else {
		log_line("%s: no /dev/vhost-net; packets take the slow way",
			 row->name);
		device->type = &here;
		net->readable.done = on_readable;
	}
	virtio_attach(device, row);
}
