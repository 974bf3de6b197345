/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio over PCI: what a driver finds, the common configuration register by
 * register, queues, notifications and RING_RESET (virtio 1.2 section 4.1). The
 * rules that all transports share are in test_virtio.c.
 */
#include <linux/errno.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/counting.h"
#include "test/unit/driver_pci.h"

#define BAR (d.window)
#define NONE MSIX_NO_VECTOR

static void machine(void)
{
	machine_of(VIRTIO_PCI);
}

static uint32_t get(unsigned offset, unsigned size)
{
	return (uint32_t)driver_mmio_read(BAR + offset, size);
}

static void put(unsigned offset, unsigned size, uint64_t value)
{
	driver_mmio_write(BAR + offset, size, value);
}

static void select_queue(unsigned q)
{
	put(VIRTIO_PCI_COMMON_Q_SELECT, 2, q);
}

/* -- What is there after start ------------------------------------------- */

/* Section 4.1.2. */
static void identity(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 2), 0x1af4);
	assert_int_equal(cfg_read(cfg, PCI_DEVICE_ID, 2), 0x1040 + 42);
	assert_in_range(cfg_read(cfg, PCI_REVISION_ID, 1), 1, 255);
	assert_in_range(cfg_read(cfg, PCI_SUBSYSTEM_ID, 2), 0x40, 0xffff);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_0, 4), 0);
}

/* Section 4.1.4: each structure once, inside of a BAR that is there. */
static void structures(void)
{
	static const struct {
		uint8_t type;
		uint8_t bytes;
		uint32_t offset;
	} expected[] = {
		{ VIRTIO_PCI_CAP_COMMON_CFG, 16, PART_COMMON },
		{ VIRTIO_PCI_CAP_ISR_CFG, 16, PART_ISR },
		{ VIRTIO_PCI_CAP_DEVICE_CFG, 16, PART_DEVICE },
		{ VIRTIO_PCI_CAP_NOTIFY_CFG, 20, PART_NOTIFY },
		{ VIRTIO_PCI_CAP_PCI_CFG, 20, 0 },
	};
	unsigned i;

	machine();
	for (i = 0; i < 5; i++) {
		unsigned at = cfg_capability(cfg, PCI_CAP_ID_VNDR, i);
		int window = expected[i].type == VIRTIO_PCI_CAP_PCI_CFG;

		assert_int_not_equal(at, 0);
		assert_int_equal(cfg_read(cfg, at + 2, 1), expected[i].bytes);
		assert_int_equal(cfg_read(cfg, at + 3, 1), expected[i].type);
		assert_int_equal(cfg_read(cfg, at + 4, 1), window ? 0 : 4);
		assert_int_equal(cfg_read(cfg, at + 8, 4), expected[i].offset);
		assert_int_equal(cfg_read(cfg, at + 12, 4),
				 window ? 0 : 0x1000);
		if (expected[i].type == VIRTIO_PCI_CAP_NOTIFY_CFG) {
			assert_int_equal(cfg_read(cfg, at + 16, 4), 4);
		}
	}
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 5), 0);
	assert_int_not_equal(cfg_capability(cfg, PCI_CAP_ID_MSIX, 0), 0);
}

static void after_start(void)
{
	machine();
	assert_int_equal(get(VIRTIO_PCI_COMMON_MSIX, 2), NONE);
	assert_int_equal(get(VIRTIO_PCI_COMMON_NUMQ, 2), 1);
	assert_int_equal(get(VIRTIO_PCI_COMMON_STATUS, 1), 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_CFGGENERATION, 1), 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_SIZE, 2), NUM_MAX);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_MSIX, 2), NONE);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_NOFF, 2), 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_RESET, 2), 0);
}

static void device_config(void)
{
	uint64_t offset;
	unsigned size;

	machine();
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= 0x1000; offset += size) {
			uint64_t expected = 0;
			uint64_t left = offset < 10 ? 10 - offset : 0;

			if (left > 0) {
				memcpy(&expected, config_space + offset,
				       left < size ? left : size);
			}
			put((unsigned)(PART_DEVICE + offset), size, UINT64_MAX);
			assert_int_equal(driver_mmio_read(BAR + PART_DEVICE +
								  offset,
							  size),
					 expected);
		}
	}
}

static void too_many_functions(void)
{
	static struct virtio_device more[CONFIG_MAX_VIRTIO];
	struct config_device row = row_of(VIRTIO_PCI);
	unsigned i;

	machine();
	for (i = 0; i < CONFIG_MAX_VIRTIO; i++) {
		more[i].name = "more";
		more[i].type = &type;
		row.gpa = 10 + i;
		if (i < CONFIG_MAX_VIRTIO - 1) {
			virtio_pci_init(&more[i], &row);
		}
	}
	assert_int_equal(EXITS(virtio_pci_init(&more[i - 1], &row)), EXIT_BUG);
}

/* -- The common configuration -------------------------------------------- */

static const struct {
	uint8_t offset;
	uint8_t size;
} writable[] = {
	{ VIRTIO_PCI_COMMON_DFSELECT, 4 },  { VIRTIO_PCI_COMMON_GFSELECT, 4 },
	{ VIRTIO_PCI_COMMON_GF, 4 },	    { VIRTIO_PCI_COMMON_Q_SELECT, 2 },
	{ VIRTIO_PCI_COMMON_Q_SIZE, 2 },    { VIRTIO_PCI_COMMON_Q_DESCLO, 4 },
	{ VIRTIO_PCI_COMMON_Q_DESCHI, 4 },  { VIRTIO_PCI_COMMON_Q_AVAILLO, 4 },
	{ VIRTIO_PCI_COMMON_Q_AVAILHI, 4 }, { VIRTIO_PCI_COMMON_Q_USEDLO, 4 },
	{ VIRTIO_PCI_COMMON_Q_USEDHI, 4 },
};

static void reads_back(void)
{
	size_t i;

	machine();
	for (i = 0; i < sizeof(writable) / sizeof(writable[0]); i++) {
		uint32_t value = (uint32_t)(0xffffffff >>
					    (32 - 8 * writable[i].size)) &
				 0x5aa51234;

		put(writable[i].offset, writable[i].size, value);
		assert_int_equal(get(writable[i].offset, writable[i].size),
				 writable[i].offset == VIRTIO_PCI_COMMON_GF ?
					 0 : /* of a word that is not there */
					 value);
		if (writable[i].size == 2) {
			put(writable[i].offset, 2, 0);
		}
	}
	put(VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	put(VIRTIO_PCI_COMMON_GF, 4, 0xdeadbeef);
	assert_int_equal(get(VIRTIO_PCI_COMMON_GF, 4), 0xdeadbeef);
	assert_int_equal(device.accepted, 0xdeadbeef);
}

/* What may be 64 bits wide may be written and read as such (4.1.3.1). */
static void eight_bytes(void)
{
	const struct virtqueue *vq = &device.queues[0];

	machine();
	put(VIRTIO_PCI_COMMON_Q_DESCLO, 8, 0x1111111122222220);
	put(VIRTIO_PCI_COMMON_Q_AVAILLO, 8, 0x3333333344444440);
	put(VIRTIO_PCI_COMMON_Q_USEDLO, 8, 0x5555555566666660);
	assert_int_equal(vq->desc_gpa, 0x1111111122222220);
	assert_int_equal(vq->avail_gpa, 0x3333333344444440);
	assert_int_equal(vq->used_gpa, 0x5555555566666660);
	assert_int_equal(driver_mmio_read(BAR + VIRTIO_PCI_COMMON_Q_DESCLO, 8),
			 vq->desc_gpa);
	assert_int_equal(driver_mmio_read(BAR + VIRTIO_PCI_COMMON_Q_AVAILLO, 8),
			 vq->avail_gpa);
	assert_int_equal(driver_mmio_read(BAR + VIRTIO_PCI_COMMON_Q_USEDLO, 8),
			 vq->used_gpa);
	/* Selector and window at once. */
	put(VIRTIO_PCI_COMMON_GFSELECT, 8, 0x1ull << 32 | 1);
	assert_int_equal(device.accepted, V1);
	put(VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	assert_int_equal(driver_mmio_read(BAR, 8),
			 (device.offered & ~0xffffffffull) | 1);
	/* Other registers are narrower: such an access does nothing. */
	put(VIRTIO_PCI_COMMON_MSIX, 8, 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_MSIX, 2), NONE);
	assert_int_equal(driver_mmio_read(BAR + VIRTIO_PCI_COMMON_Q_SIZE, 8),
			 0);
}

static unsigned own_width(unsigned offset)
{
	size_t i;

	for (i = 0; i < sizeof(writable) / sizeof(writable[0]); i++) {
		if (writable[i].offset == offset) {
			return writable[i].size;
		}
	}
	switch (offset) {
	case VIRTIO_PCI_COMMON_DF:
		return 4;
	case VIRTIO_PCI_COMMON_STATUS:
	case VIRTIO_PCI_COMMON_CFGGENERATION:
		return 1;
	default:
		return 2;
	}
}

/* M39, M43: any width but a register's own changes nothing and reads 0. */
static void other_widths(void)
{
	struct virtio_device before;
	unsigned offset;
	unsigned size;

	machine();
	driver_start(&d, 0, NUM_MAX, 0);
	before = device;
	for (size = 1; size <= 4; size *= 2) {
		for (offset = 0; offset < 0x40; offset += size) {
			if (own_width(offset) != size) {
				put(offset, size, UINT64_MAX);
				put(offset, size, 0);
				assert_int_equal(get(offset, size), 0);
			}
		}
	}
	assert_memory_equal(&device, &before, sizeof(device));
}

/* Behind the last register, in every width. */
static void behind_the_registers(void)
{
	struct virtio_device before;
	unsigned offset;
	unsigned size;

	machine();
	driver_start(&d, 0, NUM_MAX, 0);
	before = device;
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0x40; offset < 0x1000; offset += size) {
			put(offset, size, UINT64_MAX);
			assert_int_equal(get(offset, size), 0);
		}
	}
	assert_memory_equal(&device, &before, sizeof(device));
}

static void read_only(void)
{
	static const uint8_t offsets[] = {
		VIRTIO_PCI_COMMON_DF,
		VIRTIO_PCI_COMMON_NUMQ,
		VIRTIO_PCI_COMMON_CFGGENERATION,
		VIRTIO_PCI_COMMON_Q_NOFF,
		VIRTIO_PCI_COMMON_Q_NDATA,
	};
	static const uint8_t sizes[] = { 4, 2, 1, 2, 2 };
	struct virtio_device before;
	size_t i;

	machine();
	before = device;
	for (i = 0; i < sizeof(offsets); i++) {
		uint32_t value = get(offsets[i], sizes[i]);

		put(offsets[i], sizes[i], UINT32_MAX);
		assert_int_equal(get(offsets[i], sizes[i]), value);
	}
	assert_memory_equal(&device, &before, sizeof(device));
}

/* -- Queues -------------------------------------------------------------- */

/* Section 4.1.4.3.1: a queue that is not there has size 0. */
static void no_such_queue(void)
{
	unsigned q;

	type.queues = 3;
	machine();
	assert_int_equal(get(VIRTIO_PCI_COMMON_NUMQ, 2), 3);
	for (q = 0; q < 0x10000; q += q < 5 ? 1 : 0xfff) {
		int there = q < 3;

		select_queue(q);
		put(VIRTIO_PCI_COMMON_Q_MSIX, 2, 0);
		assert_int_equal(get(VIRTIO_PCI_COMMON_Q_SIZE, 2),
				 there ? NUM_MAX : 0);
		assert_int_equal(get(VIRTIO_PCI_COMMON_Q_NOFF, 2),
				 there ? q : 0);
		assert_int_equal(get(VIRTIO_PCI_COMMON_Q_MSIX, 2),
				 there ? 0 : NONE);
	}
}

/* Its size stays as it was after reset: the largest (section 4.1.4.3). */
static void start_queue(struct driver *queue, unsigned q)
{
	queue->desc = RAM + 0x10000 + 0x1000 * q;
	queue->num = NUM_MAX;
	queue->avail = queue->desc + 0x400;
	queue->used = queue->desc + 0x800;
	queue->avail_idx = 0;
	memset(ram(queue->desc), 0, 0x1000);
	select_queue(q);
	put(VIRTIO_PCI_COMMON_Q_DESCLO, 8, queue->desc);
	put(VIRTIO_PCI_COMMON_Q_AVAILLO, 8, queue->avail);
	put(VIRTIO_PCI_COMMON_Q_USEDLO, 8, queue->used);
	put(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
}

static void offer_one(struct driver *queue)
{
	driver_desc(queue, 0, DATA, 1, 0, 0);
	driver_offer(queue, 0);
}

/* Each queue has an address to notify; what is written does not matter. */
static void notifications(void)
{
	struct driver queues[3];
	unsigned q;

	type.queues = 3;
	machine();
	negotiate(V1);
	for (q = 0; q < 3; q++) {
		start_queue(&queues[q], q);
	}
	set_status(RUNNING);
	for (q = 0; q < 3; q++) {
		offer_one(&queues[q]);
		put(PART_NOTIFY + 4 * ((q + 1) % 3), 2, q);
		assert_int_equal(notified, q);
		put(PART_NOTIFY + 4 * q, 2, q);
		assert_int_equal(notified, q + 1);
		assert_int_equal(last_queue, q);
	}
	for (q = 3; q < 0x400; q++) {
		put(PART_NOTIFY + 4 * q, 2, 0);
		assert_int_equal(get(PART_NOTIFY + 4 * q, 4), 0);
	}
	assert_int_equal(notified, 3);
}

/* Section 4.1.4.3.1: one queue stops, is set up anew, all others go on. */
static void ring_reset(void)
{
	struct driver queues[2];

	type.queues = 2;
	machine();
	negotiate(V1 | BIT64(VIRTIO_F_RING_RESET));
	start_queue(&queues[0], 0);
	start_queue(&queues[1], 1);
	set_status(RUNNING);
	quiesced = 0;
	select_queue(1);
	put(VIRTIO_PCI_COMMON_Q_RESET, 2, 0);
	put(VIRTIO_PCI_COMMON_Q_RESET, 2, 2);
	assert_int_equal(quiesced, 0);
	put(VIRTIO_PCI_COMMON_Q_RESET, 2, 1);
	assert_int_equal(quiesced, 1);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_RESET, 2), 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_SIZE, 2), NUM_MAX);
	offer_one(&queues[1]);
	put(PART_NOTIFY + 4, 2, 1);
	assert_int_equal(notified, 0);
	offer_one(&queues[0]);
	put(PART_NOTIFY, 2, 0);
	assert_int_equal(notified, 1);
	start_queue(&queues[1], 1);
	offer_one(&queues[1]);
	put(PART_NOTIFY + 4, 2, 1);
	assert_int_equal(notified, 2);
	/* A queue that is not there. */
	select_queue(2);
	put(VIRTIO_PCI_COMMON_Q_RESET, 2, 1);
	assert_int_equal(quiesced, 1);
}

/* Without the feature that register does nothing. */
static void ring_reset_not_negotiated(void)
{
	machine();
	driver_start(&d, 0, NUM_MAX, 0);
	quiesced = 0;
	put(VIRTIO_PCI_COMMON_Q_RESET, 2, 1);
	assert_int_equal(get(VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
	assert_int_equal(quiesced, 0);
	ask();
	assert_int_equal(notified, 1);
}

static const struct CMUnitTest tests[] = {
	TEST(identity),
	TEST(structures),
	TEST(after_start),
	TEST(device_config),
	TEST(too_many_functions),
	TEST(reads_back),
	TEST(eight_bytes),
	TEST(other_widths),
	TEST(behind_the_registers),
	TEST(read_only),
	TEST(no_such_queue),
	TEST(notifications),
	TEST(ring_reset),
	TEST(ring_reset_not_negotiated),
};

UNIT_MAIN("virtio_pci", tests)
