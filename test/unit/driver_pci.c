/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's side of a virtio function. */
#include "test/unit/driver_pci.h"

#include <linux/virtio_pci.h>

#define QUEUE_RESET 0x0c0 /* of virtio-mmio */
#define MODERN_BAR 4
#define LEGACY_BAR 0

struct name {
	uint16_t reg;
	uint16_t offset;
	uint8_t size;
};

static const struct name modern_writes[] = {
	{ VIRTIO_MMIO_DEVICE_FEATURES_SEL, VIRTIO_PCI_COMMON_DFSELECT, 4 },
	{ VIRTIO_MMIO_DRIVER_FEATURES_SEL, VIRTIO_PCI_COMMON_GFSELECT, 4 },
	{ VIRTIO_MMIO_DRIVER_FEATURES, VIRTIO_PCI_COMMON_GF, 4 },
	{ VIRTIO_MMIO_STATUS, VIRTIO_PCI_COMMON_STATUS, 1 },
	{ VIRTIO_MMIO_QUEUE_SEL, VIRTIO_PCI_COMMON_Q_SELECT, 2 },
	{ VIRTIO_MMIO_QUEUE_NUM, VIRTIO_PCI_COMMON_Q_SIZE, 2 },
	{ VIRTIO_MMIO_QUEUE_READY, VIRTIO_PCI_COMMON_Q_ENABLE, 2 },
	{ VIRTIO_MMIO_QUEUE_DESC_LOW, VIRTIO_PCI_COMMON_Q_DESCLO, 4 },
	{ VIRTIO_MMIO_QUEUE_DESC_HIGH, VIRTIO_PCI_COMMON_Q_DESCHI, 4 },
	{ VIRTIO_MMIO_QUEUE_AVAIL_LOW, VIRTIO_PCI_COMMON_Q_AVAILLO, 4 },
	{ VIRTIO_MMIO_QUEUE_AVAIL_HIGH, VIRTIO_PCI_COMMON_Q_AVAILHI, 4 },
	{ VIRTIO_MMIO_QUEUE_USED_LOW, VIRTIO_PCI_COMMON_Q_USEDLO, 4 },
	{ VIRTIO_MMIO_QUEUE_USED_HIGH, VIRTIO_PCI_COMMON_Q_USEDHI, 4 },
	{ QUEUE_RESET, VIRTIO_PCI_COMMON_Q_RESET, 2 },
	{ 0, 0, 0 },
};

static const struct name modern_reads[] = {
	{ VIRTIO_MMIO_DEVICE_FEATURES, VIRTIO_PCI_COMMON_DF, 4 },
	{ VIRTIO_MMIO_STATUS, VIRTIO_PCI_COMMON_STATUS, 1 },
	{ VIRTIO_MMIO_QUEUE_NUM_MAX, VIRTIO_PCI_COMMON_Q_SIZE, 2 },
	{ VIRTIO_MMIO_QUEUE_READY, VIRTIO_PCI_COMMON_Q_ENABLE, 2 },
	{ VIRTIO_MMIO_CONFIG_GENERATION, VIRTIO_PCI_COMMON_CFGGENERATION, 1 },
	{ VIRTIO_MMIO_INTERRUPT_STATUS, PART_ISR, 1 },
	{ 0, 0, 0 },
};

/* The page size is 4096, the alignment too. */
static const struct name legacy_writes[] = {
	{ VIRTIO_MMIO_DRIVER_FEATURES, VIRTIO_PCI_GUEST_FEATURES, 4 },
	{ VIRTIO_MMIO_STATUS, VIRTIO_PCI_STATUS, 1 },
	{ VIRTIO_MMIO_QUEUE_SEL, VIRTIO_PCI_QUEUE_SEL, 2 },
	{ VIRTIO_MMIO_QUEUE_PFN, VIRTIO_PCI_QUEUE_PFN, 4 },
	{ VIRTIO_MMIO_QUEUE_NOTIFY, VIRTIO_PCI_QUEUE_NOTIFY, 2 },
	{ 0, 0, 0 },
};

static const struct name legacy_reads[] = {
	{ VIRTIO_MMIO_DEVICE_FEATURES, VIRTIO_PCI_HOST_FEATURES, 4 },
	{ VIRTIO_MMIO_STATUS, VIRTIO_PCI_STATUS, 1 },
	{ VIRTIO_MMIO_QUEUE_NUM_MAX, VIRTIO_PCI_QUEUE_NUM, 2 },
	{ VIRTIO_MMIO_QUEUE_PFN, VIRTIO_PCI_QUEUE_PFN, 4 },
	{ VIRTIO_MMIO_INTERRUPT_STATUS, VIRTIO_PCI_ISR, 1 },
	{ 0, 0, 0 },
};

static const struct name *find(const struct name *names, unsigned reg)
{
	for (; names->size != 0; names++) {
		if (names->reg == reg) {
			return names;
		}
	}
	return NULL;
}

void driver_pci_place(struct driver *d, unsigned slot, enum driver_kind kind)
{
	uint64_t cfg = cfg_of(PCI_BUS_VIRTIO, slot);

	cfg_command(cfg,
		    PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	d->kind = kind;
	d->window = cfg_bar(cfg, kind == DRIVER_PCI ? MODERN_BAR : LEGACY_BAR);
}

/* Each queue has its address; there is none for queues that are not there. */
static void notify(const struct driver *d, uint32_t q)
{
	unsigned last = 0xffc;

	driver_mmio_write(d->window + PART_NOTIFY +
				  (q < last / 4 ? 4 * q : last),
			  2, (uint16_t)q);
}

void driver_pci_write(const struct driver *d, unsigned reg, uint32_t value)
{
	const struct name *name = find(d->kind == DRIVER_PCI ? modern_writes :
							       legacy_writes,
				       reg);

	if (d->kind == DRIVER_PCI && reg == VIRTIO_MMIO_QUEUE_NOTIFY) {
		notify(d, value);
	} else if (name) {
		driver_mmio_write(d->window + name->offset, name->size,
				  value & (~0ull >> (64 - 8 * name->size)));
	}
}

uint32_t driver_pci_read(const struct driver *d, unsigned reg)
{
	const struct name *name =
		find(d->kind == DRIVER_PCI ? modern_reads : legacy_reads, reg);

	return name ? (uint32_t)driver_mmio_read(d->window + name->offset,
						 name->size) :
		      0;
}
