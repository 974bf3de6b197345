/* SPDX-License-Identifier: Apache-2.0 */
/* Message-signalled vectors, whoever programs them. */
#include "dev/msi.h"

#include <linux/pci_regs.h>

#include "core/log.h"
#include "core/sys.h"

/*
 * True if messages of the vector may be sent now: they are memory writes.
 * Nothing is at 0: Linux writes that to a vector that has no interrupt.
 */
static int open(const struct msi *msi, unsigned vector)
{
	return vector < msi->count && msi->enabled && !msi->all_masked &&
	       !msi->vectors[vector].masked &&
	       msi->vectors[vector].message.address != 0 &&
	       pci_command(msi->function, PCI_COMMAND_MASTER);
}

void msi_raise(struct msi *msi, unsigned vector)
{
	if (open(msi, vector)) {
		gic_send_msi(&msi->vectors[vector].message);
	} else if (vector < msi->count && msi->enabled) {
		msi->vectors[vector].pending = 1;
	}
}

/* -- Eventfds ------------------------------------------------------------ */

/* Forgets what is in a source's eventfd; true if there was something. */
static int drain(const struct msi_source *source)
{
	uint64_t count;

	return sys_read(source->fd, &count, sizeof(count)) > 0;
}

static void unbind(struct msi_source *source)
{
	if (source->handle >= 0) {
		gic_unbind(source->handle);
		source->handle = -1;
	}
}

static void bind(struct msi *msi, struct msi_source *source)
{
	const struct gic_msi *message = &msi->vectors[source->vector].message;

	source->handle = gic_bind_msi(source->fd, message);
	if (source->handle < 0) {
		log_guest("device 0x%x: vector %u, MSI 0x%x to 0x%llx: cannot "
			  "be bound (%d)",
			  message->device_id, source->vector, message->data,
			  (unsigned long long)message->address, source->handle);
	}
}

/* A source is bound exactly while its vector is open. */
static void update_source(struct msi *msi, unsigned n)
{
	struct msi_source *source = &msi->sources[n];

	if (source->fd < 0 && msi->connect && open(msi, n)) {
		source->vector = n;
		source->fd = msi->connect(msi, n);
	}
	if (source->fd < 0 || !open(msi, source->vector)) {
		unbind(source);
	} else if (source->handle < 0) {
		if (msi->vectors[source->vector].pending) {
			(void)drain(source); /* one message for both */
		}
		bind(msi, source);
	}
}

static void send_pending(struct msi *msi)
{
	unsigned i;

	for (i = 0; i < msi->count; i++) {
		if (msi->vectors[i].pending && open(msi, i)) {
			msi->vectors[i].pending = 0;
			gic_send_msi(&msi->vectors[i].message);
		}
	}
}

void msi_update(struct msi *msi)
{
	unsigned i;

	for (i = 0; i < msi->count; i++) {
		update_source(msi, i);
	}
	send_pending(msi);
}

void msi_forget_pending(struct msi *msi)
{
	unsigned i;

	for (i = 0; i < msi->count; i++) {
		msi->vectors[i].pending = 0;
	}
}

void msi_attach(struct msi *msi, unsigned source, unsigned vector, int fd)
{
	struct msi_source *s = &msi->sources[source];

	BUG_ON(source >= msi->count);
	if (s->fd != fd || s->vector != vector) {
		msi_detach(msi, source);
		s->fd = fd;
		s->vector = vector;
	}
	update_source(msi, source);
}

void msi_detach(struct msi *msi, unsigned source)
{
	unbind(&msi->sources[source]);
	msi->sources[source].fd = -1;
}

/* What happened while a source was not bound waits in its eventfd. */
static void collect_pending(struct msi *msi)
{
	unsigned i;

	for (i = 0; i < msi->count; i++) {
		const struct msi_source *source = &msi->sources[i];

		if (source->fd >= 0 && source->handle < 0 &&
		    source->vector < msi->count && drain(source)) {
			msi->vectors[source->vector].pending = 1;
		}
	}
}

uint32_t msi_pending(struct msi *msi, unsigned word)
{
	uint32_t bits = 0;
	unsigned i;

	collect_pending(msi);
	for (i = 32 * word; i < msi->count && i < 32 * (word + 1); i++) {
		bits |= (uint32_t)(msi->vectors[i].pending != 0) << (i % 32);
	}
	return bits;
}

/* -- Programming --------------------------------------------------------- */

/* A source is bound to a message: it must be made again when that changes. */
void msi_set_message(struct msi *msi, unsigned vector, uint64_t address,
		     uint32_t data)
{
	struct gic_msi *message = &msi->vectors[vector].message;
	unsigned i;

	if (message->address == address && message->data == data) {
		return;
	}
	for (i = 0; i < msi->count; i++) {
		if (msi->sources[i].vector == vector) {
			unbind(&msi->sources[i]);
		}
	}
	message->address = address;
	message->data = data;
	msi_update(msi);
}

void msi_set_masked(struct msi *msi, unsigned vector, int masked)
{
	if (msi->vectors[vector].masked != masked) {
		msi->vectors[vector].masked = masked;
		msi_update(msi);
	}
}

void msi_reset(struct msi *msi)
{
	unsigned i;

	msi->enabled = 0;
	msi->all_masked = 0;
	for (i = 0; i < msi->count; i++) {
		msi_detach(msi, i);
		msi->vectors[i] = (struct msi_vector){
			.message.device_id = pci_device_id(msi->function),
			.masked = 1,
		};
	}
}

void msi_init(struct msi *msi, struct pci_function *function,
	      struct msi_vector *vectors, struct msi_source *sources,
	      unsigned count)
{
	unsigned i;

	msi->function = function;
	msi->vectors = vectors;
	msi->sources = sources;
	msi->count = count;
	for (i = 0; i < count; i++) {
		sources[i].handle = -1;
	}
	msi_reset(msi);
}
