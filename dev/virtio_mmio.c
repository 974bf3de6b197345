/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio over MMIO. What the guest reads lies in a register page that it maps
 * as memory, so that only its writes exit. That works because no register of
 * this transport changes by being read: each write refreshes the page.
 */
#include "dev/virtio_mmio.h"

#include <linux/eventfd.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <stddef.h>

#include "core/gic.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/mmio.h"
#include "core/sys.h"

#define MAGIC 0x74726976 /* "virt" */
#define VENDOR 0x4c504442 /* "BDPL" */
#define QUEUE_RESET 0x0c0 /* virtio 1.2; reads 0, since it is done at once */
#define NO_SHM 0xffffffffu

struct transport {
	struct virtio_device *device;
	volatile uint32_t *regs; /* in the register page */
	uint64_t gpa;
	unsigned spi;
	uint32_t features_word;
	uint32_t accept_word;
	uint32_t page_size; /* legacy: unit of QUEUE_PFN */
	uint32_t align; /* legacy: of the used ring */
	int bound; /* queues whose interrupts are eventfds */
	int handles[VIRTIO_MAX_QUEUES]; /* of gic.h */
};

static struct transport transports[CONFIG_MAX_VIRTIO];
static unsigned transport_count;

static void put(struct transport *t, unsigned offset, uint32_t value)
{
	t->regs[offset / 4] = value;
	sys_clean_cache(&t->regs[offset / 4], sizeof(value));
}

static void refresh_queue(struct transport *t)
{
	const struct virtqueue *vq = virtio_selected(t->device);
	uint32_t ready = vq ? (uint32_t)vq->ready : 0;

	put(t, VIRTIO_MMIO_QUEUE_NUM_MAX, vq ? vq->num_max : 0);
	if (t->device->legacy) {
		put(t, VIRTIO_MMIO_QUEUE_PFN,
		    ready ? (uint32_t)(vq->desc_gpa / t->page_size) : 0);
	} else {
		put(t, VIRTIO_MMIO_QUEUE_READY, ready);
	}
}

/* An eventfd's interrupt cannot set the bit first: it is always set. */
static void show_isr(struct transport *t)
{
	put(t, VIRTIO_MMIO_INTERRUPT_STATUS,
	    t->device->isr | (t->bound > 0 ? VIRTIO_ISR_QUEUE : 0));
}

static void refresh(struct virtio_device *device)
{
	struct transport *t = device->transport_state;

	put(t, VIRTIO_MMIO_DEVICE_FEATURES,
	    virtio_offered(device, t->features_word));
	put(t, VIRTIO_MMIO_STATUS, device->status);
	show_isr(t);
	refresh_queue(t);
}

/* The line is described as edge-triggered: each reason is a pulse. */
static void raise(struct virtio_device *device, uint32_t reason)
{
	struct transport *t = device->transport_state;

	device->isr |= reason;
	show_isr(t);
	gic_pulse(t->spi);
}

static void interrupt(struct virtio_device *device, unsigned q)
{
	(void)q; /* one line for all */
	raise(device, VIRTIO_ISR_QUEUE);
}

static void config_changed(struct virtio_device *device)
{
	refresh(device);
	raise(device, VIRTIO_ISR_CONFIG);
}

static void reset(struct virtio_device *device)
{
	(void)device; /* the status write refreshes the page */
}

/* -- Queues that the kernel serves --------------------------------------- */

/* Acknowledgements of what the kernel raised end here, without an exit. */
static int sink(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = (int)sys_eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	return fd;
}

static void bind(struct virtio_device *device, unsigned q, int kick, int call)
{
	struct transport *t = device->transport_state;

	mmio_bind(t->gpa + VIRTIO_MMIO_QUEUE_NOTIFY, 4, q, kick);
	if (t->bound++ == 0) {
		mmio_bind(t->gpa + VIRTIO_MMIO_INTERRUPT_ACK, 4,
			  VIRTIO_ISR_QUEUE, sink());
	}
	t->handles[q] = gic_bind_spi(call, t->spi);
	if (t->handles[q] < 0) {
		virtio_break(device, "its interrupt cannot be bound");
	}
	show_isr(t);
}

static void unbind(struct virtio_device *device, unsigned q, int kick)
{
	struct transport *t = device->transport_state;

	mmio_unbind(t->gpa + VIRTIO_MMIO_QUEUE_NOTIFY, 4, q, kick);
	if (--t->bound == 0) {
		mmio_unbind(t->gpa + VIRTIO_MMIO_INTERRUPT_ACK, 4,
			    VIRTIO_ISR_QUEUE, sink());
	}
	if (t->handles[q] >= 0) {
		gic_unbind(t->handles[q]);
	}
	show_isr(t);
}

/* -- Registers ----------------------------------------------------------- */

static void write_queue(struct virtqueue *vq, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
		mmio_set_half(&vq->desc_gpa, 0, value);
		break;
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		mmio_set_half(&vq->desc_gpa, 1, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
		mmio_set_half(&vq->avail_gpa, 0, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		mmio_set_half(&vq->avail_gpa, 1, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
		mmio_set_half(&vq->used_gpa, 0, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		mmio_set_half(&vq->used_gpa, 1, value);
		break;
	default:
		break;
	}
}

/* Section 4.2.4: one page frame number places all three rings. */
static void write_pfn(struct transport *t, uint32_t pfn)
{
	if (pfn == 0) {
		virtio_stop_queue(t->device);
	} else {
		virtio_start_legacy_queue(t->device,
					  (uint64_t)pfn * t->page_size,
					  t->align);
	}
}

/* Sizes that the guest divides and aligns by must be powers of two. */
static void set_power_of_2(uint32_t *to, uint32_t value)
{
	if (value != 0 && (value & (value - 1)) == 0) {
		*to = value;
	}
}

static void write_legacy(struct transport *t, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_GUEST_PAGE_SIZE:
		set_power_of_2(&t->page_size, value);
		break;
	case VIRTIO_MMIO_QUEUE_ALIGN:
		set_power_of_2(&t->align, value);
		break;
	case VIRTIO_MMIO_QUEUE_PFN:
		write_pfn(t, value);
		break;
	default:
		break;
	}
}

static void write_modern(struct transport *t, uint64_t offset, uint32_t value)
{
	struct virtqueue *vq;

	if (offset == VIRTIO_MMIO_QUEUE_READY && value == 1) {
		virtio_start_queue(t->device);
		return;
	}
	if (offset == VIRTIO_MMIO_QUEUE_READY && value == 0) {
		virtio_stop_queue(t->device);
		return;
	}
	if (offset == QUEUE_RESET && value == 1) {
		virtio_reset_queue(t->device);
		return;
	}
	vq = virtio_selected_setup(t->device);
	if (vq) {
		write_queue(vq, offset, value);
	}
}

static void write_common(struct transport *t, uint64_t offset, uint32_t value)
{
	struct virtqueue *vq;

	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		t->features_word = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		virtio_accept(t->device, t->accept_word, value);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		t->accept_word = value;
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		t->device->queue_select = value;
		break;
	case VIRTIO_MMIO_QUEUE_NUM:
		vq = virtio_selected_setup(t->device);
		if (vq) {
			vq->num = value;
		}
		break;
	case VIRTIO_MMIO_STATUS:
		virtio_set_status(t->device, value);
		break;
	default:
		if (t->device->legacy) {
			write_legacy(t, offset, value);
		} else {
			write_modern(t, offset, value);
		}
		break;
	}
}

static void access(void *ctx, struct mmio_access *access)
{
	struct transport *t = ctx;
	uint32_t value = (uint32_t)access->value;

	if (!access->write) {
		/* Only hosts without the register page would get here. */
		access->value = t->regs[access->offset / 4];
		return;
	}
	switch (access->offset) {
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		virtio_notify(t->device, value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		t->device->isr &= ~value;
		show_isr(t);
		break;
	default:
		write_common(t, access->offset, value);
		refresh(t->device);
		break;
	}
}

static void fill_constants(struct transport *t)
{
	const struct virtio_device *device = t->device;
	volatile uint8_t *config = (volatile uint8_t *)t->regs +
				   VIRTIO_MMIO_CONFIG;
	const uint8_t *from = device->config;
	uint32_t i;

	put(t, VIRTIO_MMIO_MAGIC_VALUE, MAGIC);
	put(t, VIRTIO_MMIO_VERSION, device->legacy ? 1 : 2);
	put(t, VIRTIO_MMIO_DEVICE_ID, device->type->id);
	put(t, VIRTIO_MMIO_VENDOR_ID, VENDOR);
	put(t, VIRTIO_MMIO_SHM_LEN_LOW, NO_SHM);
	put(t, VIRTIO_MMIO_SHM_LEN_HIGH, NO_SHM);
	put(t, VIRTIO_MMIO_SHM_BASE_LOW, NO_SHM);
	put(t, VIRTIO_MMIO_SHM_BASE_HIGH, NO_SHM);
	for (i = 0; i < device->config_bytes; i++) {
		config[i] = from[i];
	}
	sys_clean_cache(config, device->config_bytes);
}

void virtio_mmio_init(struct virtio_device *device,
		      const struct config_device *row)
{
	static const struct virtio_transport_ops ops = {
		.interrupt = interrupt,
		.config_changed = config_changed,
		.reset = reset,
		.bind = bind,
		.unbind = unbind,
	};
	struct transport *t = &transports[transport_count];
	struct mmio_window window = {
		.gpa = row->gpa,
		.size = row->size,
		.widths = MMIO_4,
		.handler = access,
		.ctx = t,
	};
	char *page = mem_register_page(row->gpa);

	BUG_ON(transport_count == CONFIG_MAX_VIRTIO);
	transport_count++;
	device->legacy = row->transport == VIRTIO_MMIO_LEGACY;
	device->transport = &ops;
	device->transport_state = t;
	t->device = device;
	t->regs = (volatile uint32_t *)(page + (row->gpa &
						(config_board.page_size - 1)));
	t->gpa = row->gpa;
	t->spi = row->spi;
	t->page_size = 4096;
	t->align = 4096;
	fill_constants(t);
	virtio_init(device);
	refresh(device);
	mmio_claim(&window);
}

void virtio_mmio_dt(const struct config_device *row, struct dt *dt)
{
	const uint64_t reg[] = { row->gpa, row->size };

	dt_begin_at(dt, "virtio_mmio", row->gpa);
	dt_string(dt, "compatible", "virtio,mmio");
	dt_reg(dt, reg, 1);
	dt_spi(dt, row->spi, DT_IRQ_EDGE_RISING);
	dt_flag(dt, "dma-coherent");
	dt_end(dt);
}
