/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transitional function: what makes it one, its I/O BAR (virtio 1.2 sections
 * 4.1.2.1, 4.1.4.10), and drivers that use both interfaces.
 */
#include <linux/errno.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "test/unit/counting.h"
#include "test/unit/driver_pci.h"

#define RINGS (RAM + 0x20000)
#define TABLE (MEM32 + 0x200000 + SLOT * 0x10000 + 0x1000)
#define CONFIG_OFFERED                                                 \
	(BIT64(OFFERED_FEATURE) | BIT64(VIRTIO_RING_F_INDIRECT_DESC) | \
	 BIT64(VIRTIO_RING_F_EVENT_IDX))

static struct driver modern; /* d is the legacy one */

static void machine(void)
{
	machine_of(VIRTIO_PCI_TRANSITIONAL);
	modern = d;
	driver_pci_place(&d, SLOT, DRIVER_PCI_LEGACY);
	d.desc = RINGS;
	d.avail = RINGS + 16 * NUM_MAX;
	d.used = RINGS + 0x1000;
}

static uint64_t get(unsigned offset, unsigned size)
{
	return driver_mmio_read(d.window + offset, size);
}

static void put(unsigned offset, unsigned size, uint32_t value)
{
	driver_mmio_write(d.window + offset, size, value);
}

static void start(void)
{
	memset(ram(RINGS), 0, 0x2000);
	set_status(0);
	set_status(ACK | DRIVER);
	put(VIRTIO_PCI_GUEST_FEATURES, 4, (uint32_t)CONFIG_OFFERED);
	put(VIRTIO_PCI_QUEUE_SEL, 2, 0);
	put(VIRTIO_PCI_QUEUE_PFN, 4, RINGS >> 12);
	set_status(ACK | DRIVER | DRIVER_OK);
	d.avail_idx = 0;
}

/* -- What is there ------------------------------------------------------- */

static void identity(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, PCI_REVISION_ID, 1), 1); /* id 42 */
	assert_int_equal(cfg_bar(cfg, 0), PCI_IO + 0x10000 + SLOT * 0x800);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_0, 4) & 3,
			 PCI_BASE_ADDRESS_SPACE_IO);
}

/* Section 4.1.2.1: kinds that were there before version 1.0. */
static void identity_of_kinds(void)
{
	static const struct {
		unsigned id, device;
		uint32_t class_code;
	} kinds[] = { { 1, 0x1000, 0x020000 },
		      { 2, 0x1001, 0x018000 },
		      { 3, 0x1003, 0x078000 },
		      { 4, 0x1005, 0xff0000 } };
	static struct virtio_type types[4];
	static struct virtio_device devices[4];
	unsigned i;

	machine();
	for (i = 0; i < 4; i++) {
		struct config_device row = row_of(VIRTIO_PCI_TRANSITIONAL);
		uint64_t at = cfg_of(PCI_BUS_VIRTIO, 10 + i);

		row.gpa = 10 + i;
		types[i] = type;
		types[i].id = kinds[i].id;
		devices[i].type = &types[i];
		virtio_pci_init(&devices[i], &row);
		assert_int_equal(cfg_read(at, PCI_DEVICE_ID, 2),
				 kinds[i].device);
		assert_int_equal(cfg_read(at, PCI_SUBSYSTEM_ID, 2),
				 kinds[i].id);
		assert_int_equal(cfg_read(at, PCI_CLASS_REVISION, 4),
				 kinds[i].class_code << 8);
	}
}

static void after_start(void)
{
	machine();
	assert_int_equal(get(VIRTIO_PCI_HOST_FEATURES, 4), CONFIG_OFFERED);
	assert_int_equal(get(VIRTIO_PCI_GUEST_FEATURES, 4), 0);
	assert_int_equal(get(VIRTIO_PCI_QUEUE_PFN, 4), 0);
	assert_int_equal(get(VIRTIO_PCI_QUEUE_NUM, 2), NUM_MAX);
	assert_int_equal(get(VIRTIO_PCI_STATUS, 1), 0);
	assert_int_equal(get(VIRTIO_PCI_ISR, 1), 0);
}

/* The device's registers come behind the vectors if there are some. */
static void device_config(void)
{
	unsigned msix = cfg_capability((machine(), cfg), PCI_CAP_ID_MSIX, 0);
	unsigned i;

	for (i = 0; i < sizeof(config_space); i++) {
		assert_int_equal(get(20 + i, 1), config_space[i]);
	}
	assert_int_equal(get(20, 4), 0x04030201);
	cfg_write(cfg, msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(get(24, 4), 0x04030201);
	assert_int_equal(get(VIRTIO_MSI_CONFIG_VECTOR, 2), MSIX_NO_VECTOR);
	assert_int_equal(get(VIRTIO_MSI_QUEUE_VECTOR, 2), MSIX_NO_VECTOR);
	put(24, 4, 0xffffffff);
	assert_int_equal(get(24, 4), 0x04030201);
	assert_int_equal(get(0xfc, 4), 0);
}

/* -- Queues -------------------------------------------------------------- */

static void queue(void)
{
	const struct virtqueue *vq = &device.queues[0];

	machine();
	start();
	assert_true(vq->ready);
	assert_int_equal(vq->num, NUM_MAX);
	assert_int_equal(vq->desc_gpa, RINGS);
	assert_int_equal(vq->avail_gpa, RINGS + 16 * NUM_MAX);
	assert_int_equal(vq->used_gpa, RINGS + 0x1000);
	assert_int_equal(get(VIRTIO_PCI_QUEUE_PFN, 4), RINGS >> 12);
	ask();
	assert_int_equal(notified, 1);
	assert_int_equal(fake_spi(SPI)->level, 1);
	assert_int_equal(get(VIRTIO_PCI_ISR, 1), VIRTIO_ISR_QUEUE);
	assert_int_equal(fake_spi(SPI)->level, 0);
	put(VIRTIO_PCI_QUEUE_PFN, 4, 0);
	assert_int_equal(get(VIRTIO_PCI_QUEUE_PFN, 4), 0);
	ask();
	assert_int_equal(notified, 1);
}

/* M07, M12: page frames where no rings can be. */
static void bad_frames(void)
{
	static const uint32_t frames[] = {
		1,	    0x08000000 >> 12, (uint32_t)(RAM_END >> 12),
		UINT32_MAX, 0x80000000,	      (RAM_END - 0x1000) >> 12,
		0x3f000,    0x10000,
	};
	size_t i;

	machine();
	set_status(ACK | DRIVER);
	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		put(VIRTIO_PCI_QUEUE_PFN, 4, frames[i]);
		assert_int_equal(get(VIRTIO_PCI_QUEUE_PFN, 4), 0);
		assert_false(device.queues[0].ready);
	}
	start();
	ask();
	assert_int_equal(notified, 1);
}

/* M01, M02 */
static void no_such_queue(void)
{
	static const uint32_t none[] = { 1, 2, 3, 255, 0x8000, 0xffff };
	struct virtqueue before;
	size_t i;

	machine();
	start();
	before = device.queues[0];
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		put(VIRTIO_PCI_QUEUE_SEL, 2, none[i]);
		assert_int_equal(get(VIRTIO_PCI_QUEUE_NUM, 2), 0);
		assert_int_equal(get(VIRTIO_PCI_QUEUE_PFN, 4), 0);
		put(VIRTIO_PCI_QUEUE_PFN, 4, 0);
		put(VIRTIO_PCI_QUEUE_PFN, 4, RINGS >> 12);
		put(VIRTIO_PCI_QUEUE_NOTIFY, 2, none[i]);
	}
	assert_memory_equal(&device.queues[0], &before, sizeof(before));
	assert_int_equal(notified, 0);
}

static void vectors(void)
{
	unsigned i;

	machine();
	cfg_write(cfg, cfg_capability(cfg, PCI_CAP_ID_MSIX, 0) + PCI_MSIX_FLAGS,
		  2, PCI_MSIX_FLAGS_ENABLE);
	for (i = 0; i < 2; i++) {
		driver_mmio_write(TABLE + 16 * i, 8, TRANSLATER);
		driver_mmio_write(TABLE + 16 * i + 8, 8, i + 100);
	}
	start();
	put(VIRTIO_MSI_CONFIG_VECTOR, 2, 0);
	put(VIRTIO_MSI_QUEUE_VECTOR, 2, 1);
	assert_int_equal(get(VIRTIO_MSI_CONFIG_VECTOR, 2), 0);
	assert_int_equal(get(VIRTIO_MSI_QUEUE_VECTOR, 2), 1);
	ask();
	assert_int_equal(fake_last_msi(1)->data, 101);
	virtio_break(&device, "x");
	assert_int_equal(fake_last_msi(2)->data, 100);
	put(VIRTIO_MSI_CONFIG_VECTOR, 2, 2);
	put(VIRTIO_MSI_QUEUE_VECTOR, 2, 0xfffe);
	assert_int_equal(get(VIRTIO_MSI_CONFIG_VECTOR, 2), MSIX_NO_VECTOR);
	assert_int_equal(get(VIRTIO_MSI_QUEUE_VECTOR, 2), MSIX_NO_VECTOR);
	put(VIRTIO_PCI_QUEUE_SEL, 2, 1);
	put(VIRTIO_MSI_QUEUE_VECTOR, 2, 0);
	assert_int_equal(get(VIRTIO_MSI_QUEUE_VECTOR, 2), MSIX_NO_VECTOR);
}

/* -- Both interfaces ----------------------------------------------------- */

/* Firmware leaves it in use by the old interface; Linux takes the new one. */
static void legacy_then_modern(void)
{
	machine();
	start();
	ask();
	d = modern;
	driver_start(&d, 0, NUM_MAX, 0);
	assert_false(device.legacy);
	ask();
	assert_int_equal(notified, 2);
}

static void modern_then_legacy(void)
{
	struct driver old;

	machine();
	old = d;
	d = modern;
	driver_start(&d, 0, NUM_MAX, 0);
	ask();
	d = old;
	start();
	assert_true(device.legacy);
	ask();
	assert_int_equal(notified, 2);
}

/* Every offset, width and direction, many times; then it works. */
static void every_access(void)
{
	static const uint32_t values[] = { 0, 1, UINT32_MAX, RINGS >> 12, 4 };
	unsigned size;
	unsigned offset;
	size_t i;

	machine();
	for (i = 0; i < 5; i++) {
		for (size = 1; size <= 8; size *= 2) {
			for (offset = 0; offset + size <= 0x800; offset++) {
				put(offset, size, values[i]);
				(void)get(offset, size);
			}
		}
	}
	start();
	notified = 0;
	ask();
	assert_int_equal(notified, 1);
}

/*
 * Section 2.2: bits that were not offered are never accepted, though the old
 * interface cannot say so; nor are bits from 32 on, which it does not have.
 */
static void features_of_both(void)
{
	struct driver old;

	machine();
	old = d;
	d = modern;
	set_status(ACK | DRIVER);
	accept_features(UINT64_MAX);
	assert_int_equal(set_status(ACK | DRIVER | FEATURES_OK), ACK | DRIVER);
	d = old;
	set_status(ACK | DRIVER | DRIVER_OK);
	assert_true(virtio_live(&device));
	assert_int_equal(device.accepted, CONFIG_OFFERED);
}

/* What was negotiated stays what it is, whoever writes what where. */
static void interface_is_frozen(void)
{
	struct driver old;

	machine();
	old = d;
	d = modern;
	driver_start(&d, 0, NUM_MAX, 0);
	d = old;
	put(VIRTIO_PCI_GUEST_FEATURES, 4, 0);
	set_status(RUNNING);
	assert_false(device.legacy);
	assert_int_equal(device.accepted, V1);
	start();
	d = modern;
	set_status(RUNNING);
	assert_true(device.legacy);
}

static const struct CMUnitTest tests[] = {
	TEST(identity),
	TEST(identity_of_kinds),
	TEST(after_start),
	TEST(device_config),
	TEST(queue),
	TEST(bad_frames),
	TEST(no_such_queue),
	TEST(vectors),
	TEST(legacy_then_modern),
	TEST(modern_then_legacy),
	TEST(every_access),
	TEST(features_of_both),
	TEST(interface_is_frozen),
};

UNIT_MAIN("virtio_pci_legacy", tests)
