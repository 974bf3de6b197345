/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, register translation, INTx and MSI-X of virtio over PCI. */
#include "viopci.h"

#include "arm.h"
#include "gicdrv.h"
#include "vio.h"

static struct vpci functions[8];
static volatile unsigned int intx_count[8];

/* ---- registers ---- */

struct where {
	uint8_t width;		/* 0: not on this transport */
	uint8_t offset;
};

#define COMMON_IS(reg, bits, offset) [VIRTIO_MMIO_##reg / 4] = { bits, offset }

static const struct where modern[VIRTIO_MMIO_CONFIG / 4] = {
	COMMON_IS(DEVICE_FEATURES, 4, COMMON_DEVICE_FEATURE),
	COMMON_IS(DEVICE_FEATURES_SEL, 4, COMMON_DEVICE_FEATURE_SEL),
	COMMON_IS(DRIVER_FEATURES, 4, COMMON_DRIVER_FEATURE),
	COMMON_IS(DRIVER_FEATURES_SEL, 4, COMMON_DRIVER_FEATURE_SEL),
	COMMON_IS(QUEUE_SEL, 2, COMMON_QUEUE_SEL),
	COMMON_IS(QUEUE_NUM_MAX, 2, COMMON_QUEUE_SIZE),
	COMMON_IS(QUEUE_NUM, 2, COMMON_QUEUE_SIZE),
	COMMON_IS(QUEUE_READY, 2, COMMON_QUEUE_ENABLE),
	COMMON_IS(STATUS, 1, COMMON_STATUS),
	COMMON_IS(QUEUE_DESC_LOW, 4, COMMON_QUEUE_DESC),
	COMMON_IS(QUEUE_DESC_HIGH, 4, COMMON_QUEUE_DESC + 4),
	COMMON_IS(QUEUE_AVAIL_LOW, 4, COMMON_QUEUE_DRIVER),
	COMMON_IS(QUEUE_AVAIL_HIGH, 4, COMMON_QUEUE_DRIVER + 4),
	COMMON_IS(QUEUE_USED_LOW, 4, COMMON_QUEUE_DEVICE),
	COMMON_IS(QUEUE_USED_HIGH, 4, COMMON_QUEUE_DEVICE + 4),
	COMMON_IS(CONFIG_GENERATION, 1, COMMON_GENERATION),
};

/* QUEUE_NUM is the device's choice here. */
static const struct where legacy[VIRTIO_MMIO_CONFIG / 4] = {
	COMMON_IS(DEVICE_FEATURES, 4, LEGACY_DEVICE_FEATURES),
	COMMON_IS(DRIVER_FEATURES, 4, LEGACY_DRIVER_FEATURES),
	COMMON_IS(QUEUE_SEL, 2, LEGACY_QUEUE_SEL),
	COMMON_IS(QUEUE_NUM_MAX, 2, LEGACY_QUEUE_SIZE),
	COMMON_IS(QUEUE_PFN, 4, LEGACY_QUEUE_PFN),
	COMMON_IS(QUEUE_NOTIFY, 2, LEGACY_QUEUE_NOTIFY),
	COMMON_IS(STATUS, 1, LEGACY_STATUS),
};

static uint64_t locate(const struct vpci *p, unsigned int reg,
		       unsigned int *width)
{
	const struct where *w;

	*width = 4;
	if (reg >= VIRTIO_MMIO_CONFIG) {
		return (p->legacy != 0 ? p->legacy + LEGACY_CONFIG
				       : p->device.at) +
		       reg - VIRTIO_MMIO_CONFIG;
	}
	if (reg == VIRTIO_MMIO_QUEUE_NOTIFY && p->legacy == 0) {
		*width = 2;
		return p->notify_at[0];
	}
	w = p->legacy != 0 ? &legacy[reg / 4] : &modern[reg / 4];
	*width = w->width;
	return (p->legacy != 0 ? p->legacy : p->common.at) + w->offset;
}

static uint32_t isr(const struct vpci *p)
{
	return mmio_read8(p->legacy != 0 ? p->legacy + LEGACY_ISR
					 : p->isr.at);
}

uint32_t vpci_read(struct vpci *p, unsigned int reg)
{
	unsigned int width;
	uint64_t at = locate(p, reg, &width);

	if (reg == VIRTIO_MMIO_INTERRUPT_STATUS) {
		p->isr_seen |= isr(p);
		return p->isr_seen;
	}
	switch (width) {
	case 0:
		return 0;
	case 1:
		return mmio_read8(at);
	case 2:
		return mmio_read16(at);
	default:
		return mmio_read32(at);
	}
}

void vpci_write(struct vpci *p, unsigned int reg, uint32_t value)
{
	unsigned int width;
	uint64_t at = locate(p, reg, &width);

	if (reg == VIRTIO_MMIO_QUEUE_NOTIFY && p->legacy == 0 && value == 1) {
		at = p->notify_at[1];
	}
	if (reg == VIRTIO_MMIO_INTERRUPT_ACK) {
		p->isr_seen &= ~value;
	}
	if (reg == VIRTIO_MMIO_STATUS && (value & 0xff) == 0) {
		p->isr_seen = 0;
	}
	switch (width) {
	case 0:
		break;
	case 1:
		mmio_write8(at, (uint8_t)value);
		break;
	case 2:
		mmio_write16(at, (uint16_t)value);
		break;
	default:
		mmio_write32(at, value);
		break;
	}
}

/* ---- functions ---- */

static uint32_t virtio_id(const struct pci_fn *f)
{
	uint32_t device = pci_read(f, PCI_DEVICE_ID, 2);

	if (pci_read(f, PCI_VENDOR_ID, 2) != VIRTIO_PCI_VENDOR ||
	    device < 0x1000 || device > 0x107f) {
		return 0;
	}
	return device >= 0x1040 ? device - 0x1040
				: pci_read(f, PCI_SUBSYSTEM_ID, 2);
}

const struct pci_fn *vpci_function(uint32_t device_id, unsigned int count)
{
	const struct pci_fn *f;

	pci_init();
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		if (virtio_id(f) == device_id && count-- == 0) {
			return f;
		}
	}
	return NULL;
}

/* 4.1.4.1: the first of each kind, of those with a sensible BAR. */
static void parse(struct vpci *p)
{
	struct vpci_part *parts[] = { NULL, &p->common, &p->notify, &p->isr,
				      &p->device, &p->window };
	const struct pci_fn *f = p->fn;
	unsigned int cap = 0;

	while ((cap = pci_cap(f, PCI_CAP_ID_VENDOR, cap)) != 0) {
		uint32_t type = pci_read(f, cap + VIRTIO_PCI_CAP_TYPE, 1);
		uint32_t bar = pci_read(f, cap + VIRTIO_PCI_CAP_BAR, 1);
		struct vpci_part *part = type < NELEM(parts) ? parts[type]
							     : NULL;

		if (part == NULL || part->cap != 0 || bar >= PCI_BARS) {
			continue;
		}
		part->cap = cap;
		part->bar = bar;
		part->offset = pci_read(f, cap + VIRTIO_PCI_CAP_OFFSET, 4);
		part->length = pci_read(f, cap + VIRTIO_PCI_CAP_LENGTH, 4);
		part->at = f->bar[bar].addr + part->offset;
	}
	if (p->notify.cap != 0) {
		p->multiplier = pci_read(f, p->notify.cap +
					    VIRTIO_PCI_CAP_MORE, 4);
	}
}

static struct vpci *find(unsigned int slot, uint32_t device_id)
{
	/* How many of the same kind are in front of it. */
	static const unsigned int order[] = {
		[SLOT_BLK] = 0, [SLOT_RNG] = 0, [SLOT_BLK_RO] = 1,
		[SLOT_BLK_LEGACY] = 2, [SLOT_BLK_OTHER] = 3,
	};
	const struct pci_fn *f = slot < NELEM(order) ?
				 vpci_function(device_id, order[slot]) : NULL;
	struct vpci *p = &functions[slot];

	if (f == NULL) {
		return NULL;
	}
	if (p->fn != f) {
		*p = (struct vpci){ .fn = f };
		parse(p);
	}
	pci_enable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
		      PCI_COMMAND_MASTER);
	return p;
}

bool vdev_find_pci(struct vdev *d, unsigned int slot, uint32_t device_id)
{
	struct vpci *p = find(slot, device_id);

	*d = (struct vdev){ .slot = slot, .version = 2, .pci = p };
	if (p == NULL || p->common.cap == 0 || p->notify.cap == 0 ||
	    p->isr.cap == 0) {
		return false;
	}
	p->legacy = 0;
	d->base = p->common.at;
	d->config = p->device.at;
	for (uint16_t q = 2; q-- > 0;) {
		mmio_write16(p->common.at + COMMON_QUEUE_SEL,
			     q < mmio_read16(p->common.at + COMMON_NUM_QUEUES) ?
			     q : 0);
		p->notify_at[q] = p->notify.at + (uint64_t)p->multiplier *
			mmio_read16(p->common.at + COMMON_QUEUE_NOTIFY_OFF);
	}
	return true;
}

bool vdev_find_pci_legacy(struct vdev *d, unsigned int slot,
			  uint32_t device_id)
{
	struct vpci *p = find(slot, device_id);

	*d = (struct vdev){ .slot = slot, .version = 1, .pci = p };
	if (p == NULL || !p->fn->bar[0].io || p->fn->bar[0].addr == 0) {
		return false;
	}
	p->legacy = p->fn->bar[0].addr;
	d->base = p->legacy;
	d->config = p->legacy + LEGACY_CONFIG;
	return true;
}

/* ---- interrupts ---- */

/* One handler for all pins, and functions that share one are all served. */
static void on_intx(void)
{
	for (unsigned int i = 0; i < NELEM(functions); i++) {
		struct vpci *p = &functions[i];

		if (p->fn != NULL && isr(p) != 0 && p->takes_intx) {
			intx_count[i]++;
		}
	}
}

void vpci_use_intx(struct vpci *p)
{
	p->takes_intx = true;
	pci_disable(p->fn, PCI_COMMAND_INTX_OFF);
	gic_enable(pci_intx(p->fn), false, on_intx);
}

void vpci_vectors(struct vpci *p)
{
	uint64_t at = p->common.at;

	if (p->takes_msix) {
		mmio_write16(at + COMMON_CONFIG_VECTOR, 0);
		mmio_write16(at + COMMON_QUEUE_SEL, 0);
		mmio_write16(at + COMMON_QUEUE_VECTOR, 1);
	}
}

bool vpci_use_msix(struct vpci *p)
{
	if (!p->takes_msix) {
		if (!msix_find(&p->msix, p->fn) || p->msix.count < 2) {
			return false;
		}
		p->config_msi = msi_new(p->fn);
		p->queue_msi = msi_new(p->fn);
		p->takes_msix = p->queue_msi.intid != 0;
	}
	msix_control(&p->msix, MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
	msix_set(&p->msix, 0, &p->config_msi);
	msix_set(&p->msix, 1, &p->queue_msi);
	msix_control(&p->msix, MSIX_CONTROL_ENABLE);
	vpci_vectors(p);
	return p->takes_msix;
}

unsigned int vpci_interrupts(const struct vpci *p)
{
	if (p->takes_msix) {
		irq_take();
		return gic_taken(p->config_msi.intid) +
		       gic_taken(p->queue_msi.intid);
	}
	return intx_count[p - functions];
}
