/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio device that only counts its requests, and its driver. */
#include "test/unit/counting.h"

#include <linux/errno.h>

#include "core/gic.h"
#include "dev/virtio_mmio.h"
#include "test/unit/driver_pci.h"

unsigned notified, quiesced, last_queue;
struct virtio_device device;
const uint8_t config_space[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
struct driver d;
int never_enough;
unsigned SPI;
uint64_t cfg;

static int on_request(struct virtio_device *dev, unsigned q,
		      struct virtq_chain *chain)
{
	assert_ptr_equal(dev, &device);
	assert_in_range(q, 0, type.queues - 1);
	assert_true(dev->queues[q].ready);
	notified++;
	last_queue = q;
	if (*(uint8_t *)chain->iov[0].base == 0xbb) {
		return -EPROTO;
	}
	virtqueue_push(&dev->queues[q], chain->head, 0);
	if (never_enough) {
		driver_offer(&d, chain->head);
	}
	return 0;
}

static void on_quiesce(struct virtio_device *dev, unsigned q)
{
	assert_ptr_equal(dev, &device);
	assert_in_range(q, 0, type.queues - 1);
	quiesced++;
}

struct virtio_type type = {
	.id = 42,
	.queues = 1,
	.request = on_request,
	.quiesce = on_quiesce,
};

enum virtio_transport counting_transport(void)
{
	return config_partitions[0].pci.ecam_gpa != 0 ? VIRTIO_PCI :
							VIRTIO_MMIO;
}

struct config_device row_of(enum virtio_transport transport)
{
	struct config_device row = {
		.name = "unit0",
		.gpa = WINDOW,
		.size = 0x200,
		.spi = 16,
		.transport = (uint8_t)transport,
		.queue_size = NUM_MAX,
	};

	return row;
}

static void attach_pci(enum virtio_transport transport)
{
	static const struct config_gic gic = { .version = GIC_V3,
					       .spis = 32,
					       .its_gpa = ITS };
	struct config_device row = row_of(transport);

	row.gpa = SLOT;
	gic_init(&gic);
	gic_finalize();
	pci_init(&pci_windows, NULL);
	virtio_pci_init(&device, &row);
	cfg = cfg_of(PCI_BUS_VIRTIO, SLOT);
	SPI = PCI_SPI + PCI_BUS_VIRTIO * PCI_INTX + SLOT % PCI_INTX;
	driver_pci_place(&d, SLOT, DRIVER_PCI);
}

static void attach_mmio(enum virtio_transport transport)
{
	struct config_device row = row_of(transport);

	virtio_mmio_init(&device, &row);
	d.window = WINDOW;
	SPI = row.spi;
}

void machine_of(enum virtio_transport transport)
{
	driver_machine();
	device.name = "unit0";
	device.type = &type;
	device.config = config_space;
	device.config_bytes = sizeof(config_space);
	device.queue_size = NUM_MAX;
	device.offered = BIT64(OFFERED_FEATURE);
	if (transport == VIRTIO_PCI || transport == VIRTIO_PCI_TRANSITIONAL) {
		attach_pci(transport);
	} else {
		attach_mmio(transport);
	}
	d.num = NUM_MAX;
	d.desc = RAM + 0x10000;
	d.avail = d.desc + 16 * NUM_MAX;
	d.used = RAM + 0x11000;
	d.avail_idx = 0;
}

void ask(void)
{
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
}

uint32_t status(void)
{
	uint32_t value = driver_read(&d, VIRTIO_MMIO_STATUS);

	assert_int_equal(value, device.status);
	return value;
}

uint32_t set_status(uint32_t value)
{
	driver_write(&d, VIRTIO_MMIO_STATUS, value);
	return status();
}

void accept_features(uint64_t features)
{
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES,
		     (uint32_t)(features >> 32));
}

uint32_t negotiate(uint64_t features)
{
	set_status(0);
	set_status(ACK);
	set_status(ACK | DRIVER);
	accept_features(features);
	return set_status(ACK | DRIVER | FEATURES_OK);
}
