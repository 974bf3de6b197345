/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-console: one port on a host terminal. Neither side's bytes are kept
 * here. What the host does not take stays in the driver's buffer, which is not
 * used until all of it is sent; input is only read into a buffer of the driver.
 */
#include "dev/console.h"

#include <linux/errno.h>
#include <linux/virtio_ids.h>
#include <stddef.h>
#include <string.h>

#include "dev/tty.h"
#include "dev/virtio_transport.h"

#define RX 0
#define TX 1
#define QUEUES 2
#define TURN 16384 /* bytes, after which others of the event loop have theirs */

struct console {
	struct virtio_device device; /* first: the core hands us this */
	struct tty tty;
	int receiving; /* input is valid */
	int sending; /* output is */
	unsigned sent; /* buffers of output, whole */
	struct virtq_chain input; /* where the next input goes */
	struct virtq_chain output; /* what the host has not taken */
};

static struct console consoles[CONFIG_MAX_CONSOLE];
static unsigned console_count;

/* -- From the guest ------------------------------------------------------ */

/* Takes the next request to send: as virtqueue_pop(). */
static int next_output(struct console *console)
{
	struct virtq_chain *chain = &console->output;
	int ret = virtqueue_pop(&console->device.queues[TX], chain);

	if (ret > 0 && chain->readable != chain->count) {
		return -EPROTO;
	}
	console->sending = ret > 0;
	console->sent = 0;
	return ret;
}

/* Sends it, or that much of it; the bytes. */
static unsigned send(struct console *console, unsigned most)
{
	struct virtq_chain *chain = &console->output;
	unsigned total = 0;

	while (console->sent < chain->count) {
		struct sys_iovec *iov = &chain->iov[console->sent];
		unsigned left = most - total;
		unsigned n = tty_write(&console->tty, iov->base,
				       iov->len < left ? (unsigned)iov->len :
							 left);

		iov->base = (char *)iov->base + n;
		iov->len -= n;
		total += n;
		if (iov->len > 0) {
			break;
		}
		console->sent++;
	}
	return total;
}

/* Sends requests until there is no more, or the host takes no more. */
static int transmit(struct console *console)
{
	unsigned left = TURN;

	for (;;) {
		int ret = console->sending ? 1 : next_output(console);

		if (ret <= 0) {
			return ret;
		}
		left -= send(console, left);
		if (console->sent < console->output.count) {
			tty_await(&console->tty);
			return 0;
		}
		console->sending = 0;
		virtqueue_push(&console->device.queues[TX],
			       console->output.head, 0);
	}
}

static void drained(void *ctx)
{
	struct console *console = ctx;
	struct virtio_device *device = &console->device;

	if (virtio_live(device) && device->queues[TX].ready) {
		(void)virtio_check(device, transmit(console));
		virtio_signal(device, TX);
	}
}

/* -- To the guest -------------------------------------------------------- */

/* Takes a buffer for input, unless there is one: as virtqueue_pop(). */
static int next_input(struct console *console)
{
	int ret = virtqueue_pop(&console->device.queues[RX], &console->input);

	if (ret > 0 && console->input.readable > 0) {
		return -EPROTO;
	}
	console->receiving = ret > 0;
	return ret;
}

static unsigned room(void *ctx)
{
	struct console *console = ctx;
	uint64_t bytes;

	if (!virtio_live(&console->device)) {
		return 0;
	}
	if (!console->receiving) {
		(void)virtio_check(&console->device, next_input(console));
	}
	bytes = console->receiving ? console->input.writable_bytes : 0;
	return bytes < TURN ? (unsigned)bytes : TURN;
}

static void receive(void *ctx, const uint8_t *bytes, unsigned n)
{
	struct console *console = ctx;
	const struct virtq_chain *chain = &console->input;
	unsigned done = 0;
	unsigned i;

	for (i = 0; i < chain->count && done < n; i++) {
		const struct sys_iovec *iov = &chain->iov[i];
		unsigned part = iov->len < n - done ? (unsigned)iov->len :
						      n - done;

		memcpy(iov->base, bytes + done, part);
		done += part;
	}
	console->receiving = 0;
	virtqueue_push(&console->device.queues[RX], chain->head, done);
	virtio_signal(&console->device, RX);
}

/* -- Set-up -------------------------------------------------------------- */

static int kick(struct virtio_device *device, unsigned q)
{
	struct console *console = (struct console *)device;

	if (q == RX) {
		tty_resume(&console->tty);
	} else {
		drained(console);
	}
	return 1;
}

static void activate(struct virtio_device *device)
{
	(void)kick(device, RX);
	(void)kick(device, TX);
}

/* Nothing is in flight: the host gets bytes and gives them at our calls. */
static void quiesce(struct virtio_device *device, unsigned q)
{
	struct console *console = (struct console *)device;

	device->queues[q].ready = 0;
	*(q == RX ? &console->receiving : &console->sending) = 0;
}

void console_init(const struct config_device *row)
{
	static const struct virtio_type type = {
		.id = VIRTIO_ID_CONSOLE,
		.queues = QUEUES,
		.activate = activate,
		.kick = kick,
		.quiesce = quiesce,
	};
	struct console *console = &consoles[console_count++];
	struct virtio_device *device = &console->device;
	const struct tty_client client = {
		.room = room,
		.receive = receive,
		.drained = drained,
		.ctx = console,
	};

	device->name = row->name;
	device->type = &type;
	device->queue_size = CONFIG_MAX_QUEUE;
	virtio_attach(device, row);
	tty_open(&console->tty, row->path, &client);
}
