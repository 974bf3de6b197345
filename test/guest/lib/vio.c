/* SPDX-License-Identifier: Apache-2.0 */
/* Transport, negotiation, split ring. */
#include "vio.h"

#include "arm.h"
#include "gicdrv.h"
#include "viopci.h"

#define TIMEOUT_MS	10000
#define LEGACY_PAGE	4096

/* Also the version 1 layout: descriptors, available, next page: used. */
struct ring_memory {
	uint8_t desc_avail[8192];
	uint8_t used[4096];
};

static struct ring_memory rings[8] __attribute__((aligned(4096)));
static volatile unsigned int interrupts[8];

uint32_t vdev_read(const struct vdev *d, unsigned int reg)
{
	return d->pci != NULL ? vpci_read(d->pci, reg)
			      : mmio_read32(d->base + reg);
}

void vdev_write(const struct vdev *d, unsigned int reg, uint32_t value)
{
	dsb();
	if (d->pci != NULL) {
		vpci_write(d->pci, reg, value);
	} else {
		mmio_write32(d->base + reg, value);
	}
}

void vdev_write64(const struct vdev *d, unsigned int reg_low, uint64_t value)
{
	vdev_write(d, reg_low, (uint32_t)value);
	vdev_write(d, reg_low + 4, (uint32_t)(value >> 32));
}

bool vdev_find(struct vdev *d, unsigned int slot, uint32_t device_id)
{
	return TRANSPORT_IS_PCI ? vdev_find_pci(d, slot, device_id)
				: vdev_find_mmio(d, slot, device_id);
}

bool vdev_find_mmio(struct vdev *d, unsigned int slot, uint32_t device_id)
{
	*d = (struct vdev){ .base = VIO_BASE + slot * VIO_STRIDE,
			    .slot = slot };
	d->config = d->base + VIRTIO_MMIO_CONFIG;
	if (vdev_read(d, VIRTIO_MMIO_MAGIC_VALUE) != VIRTIO_MAGIC) {
		return false;
	}
	d->version = vdev_read(d, VIRTIO_MMIO_VERSION);
	return vdev_read(d, VIRTIO_MMIO_DEVICE_ID) == device_id;
}

void vdev_reset(struct vdev *d)
{
	vdev_write(d, VIRTIO_MMIO_STATUS, 0);
	while (vdev_read(d, VIRTIO_MMIO_STATUS) != 0) {
	}
}

uint64_t vdev_offered(const struct vdev *d)
{
	uint64_t offered;

	vdev_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	offered = vdev_read(d, VIRTIO_MMIO_DEVICE_FEATURES);
	if (d->version == 1) {
		return offered;
	}
	vdev_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	return offered |
	       (uint64_t)vdev_read(d, VIRTIO_MMIO_DEVICE_FEATURES) << 32;
}

bool vdev_accept(struct vdev *d, uint64_t features)
{
	uint32_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE;

	vdev_write(d, VIRTIO_MMIO_STATUS, status);
	status |= VIRTIO_CONFIG_S_DRIVER;
	vdev_write(d, VIRTIO_MMIO_STATUS, status);
	vdev_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	vdev_write(d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
	d->features = features;
	if (d->version == 1) {
		vdev_write(d, VIRTIO_MMIO_GUEST_PAGE_SIZE, LEGACY_PAGE);
		return true;
	}
	vdev_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	vdev_write(d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32));
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	vdev_write(d, VIRTIO_MMIO_STATUS, status);
	return vdev_read(d, VIRTIO_MMIO_STATUS) == status;
}

void vdev_place(struct vdev *d, uint16_t num)
{
	struct ring_memory *m = &rings[(d->slot + d->queue) % NELEM(rings)];

	memset(m, 0, sizeof(*m));
	if (d->pci != NULL && d->version == 1) {
		vdev_write(d, VIRTIO_MMIO_QUEUE_SEL, d->queue);
		num = (uint16_t)vdev_read(d, VIRTIO_MMIO_QUEUE_NUM_MAX);
	}
	d->q.num = num;
	d->q.desc = (void *)m->desc_avail;
	d->q.avail = (void *)(m->desc_avail +
			      num * sizeof(struct virtq_desc));
	d->q.used = (void *)m->used;
	if (num * sizeof(struct virtq_desc) + 6 + num * 2 <= 4096) {
		d->q.used = (void *)(m->desc_avail + 4096);
	}
}

static bool queue_legacy(struct vdev *d)
{
	uint32_t pfn = (uint32_t)((uintptr_t)d->q.desc / LEGACY_PAGE);

	vdev_write(d, VIRTIO_MMIO_QUEUE_ALIGN, LEGACY_PAGE);
	vdev_write(d, VIRTIO_MMIO_QUEUE_PFN, pfn);
	return vdev_read(d, VIRTIO_MMIO_QUEUE_PFN) == pfn;
}

bool vdev_queue(struct vdev *d)
{
	vdev_write(d, VIRTIO_MMIO_QUEUE_SEL, d->queue);
	vdev_write(d, VIRTIO_MMIO_QUEUE_NUM, d->q.num);
	if (d->version == 1) {
		return queue_legacy(d);
	}
	if (d->pci != NULL && d->queue == 0) {
		vpci_vectors(d->pci);
	}
	vdev_write64(d, VIRTIO_MMIO_QUEUE_DESC_LOW, (uintptr_t)d->q.desc);
	vdev_write64(d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, (uintptr_t)d->q.avail);
	vdev_write64(d, VIRTIO_MMIO_QUEUE_USED_LOW, (uintptr_t)d->q.used);
	vdev_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
	return vdev_read(d, VIRTIO_MMIO_QUEUE_READY) == 1;
}

bool vdev_queue1(struct vdev *other, const struct vdev *d)
{
	*other = *d;
	other->queue = 1;
	vdev_place(other, d->q.num);
	return vdev_queue(other);
}

void vdev_go(struct vdev *d)
{
	vdev_write(d, VIRTIO_MMIO_STATUS,
		   vdev_read(d, VIRTIO_MMIO_STATUS) |
		   VIRTIO_CONFIG_S_DRIVER_OK);
}

bool vdev_start(struct vdev *d, uint64_t want, uint16_t num)
{
	vdev_reset(d);
	vdev_place(d, num);
	if (d->version != 1) {
		want |= VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM;
	}
	if (!vdev_accept(d, vdev_offered(d) & want) || !vdev_queue(d)) {
		return false;
	}
	vdev_go(d);
	return true;
}

void vq_desc(struct vdev *d, uint16_t i, const volatile void *buf,
	     uint32_t len, uint16_t flags, uint16_t next)
{
	volatile struct virtq_desc *desc = &d->q.desc[i];

	desc->addr = (uintptr_t)buf;
	desc->len = len;
	desc->flags = flags;
	desc->next = next;
}

void vq_push(struct vdev *d, uint16_t head)
{
	uint16_t idx = d->q.avail->idx;

	d->q.avail->ring[idx % d->q.num] = head;
	dsb();
	d->q.avail->idx = idx + 1;
	dsb();
}

void vq_kick(const struct vdev *d)
{
	vdev_write(d, VIRTIO_MMIO_QUEUE_NOTIFY, d->queue);
}

uint16_t vq_used_idx(const struct vdev *d)
{
	uint16_t idx = d->q.used->idx;

	dsb();
	return idx;
}

bool vdev_broken(const struct vdev *d)
{
	return (vdev_read(d, VIRTIO_MMIO_STATUS) &
		VIRTIO_CONFIG_S_NEEDS_RESET) != 0;
}

bool vq_wait(const struct vdev *d, uint16_t idx)
{
	uint64_t end = counter() + counter_ms(TIMEOUT_MS);

	while (vq_used_idx(d) != idx) {
		if (vdev_broken(d) || counter() > end) {
			return vq_used_idx(d) == idx;
		}
	}
	return true;
}

static void on_interrupt(unsigned int slot)
{
	uint64_t base = VIO_BASE + slot * VIO_STRIDE;

	mmio_write32(base + VIRTIO_MMIO_INTERRUPT_ACK,
		     mmio_read32(base + VIRTIO_MMIO_INTERRUPT_STATUS));
	interrupts[slot]++;
}

static void on_slot0(void)
{
	on_interrupt(0);
}

static void on_slot1(void)
{
	on_interrupt(1);
}

static void on_slot2(void)
{
	on_interrupt(2);
}

static void on_slot3(void)
{
	on_interrupt(3);
}

static void on_slot4(void)
{
	on_interrupt(4);
}

void vdev_irq_enable(const struct vdev *d)
{
	static void (*const handlers[])(void) = {
		on_slot0, on_slot1, on_slot2, on_slot3, on_slot4,
	};

	if (d->pci == NULL) {
		gic_enable(INTID_SPI(VIO_SPI(d->slot)), true,
			   handlers[d->slot]);
	} else if (TRANSPORT_IS_MSIX) {
		(void)vpci_use_msix(d->pci);
	} else {
		vpci_use_intx(d->pci);
	}
}

unsigned int vdev_interrupts(const struct vdev *d)
{
	return d->pci != NULL ? vpci_interrupts(d->pci) : interrupts[d->slot];
}
