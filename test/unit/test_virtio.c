/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Features and the set-up of queues (threats part A), with a device that only
 * counts. Once for each transport: the config says which.
 */
#include <linux/errno.h>
#include <string.h>

#include "test/unit/counting.h"

static void machine(void)
{
	machine_of(counting_transport());
}

/* -- Features ------------------------------------------------------------ */

static void offered(void)
{
	machine();
	assert_int_equal(driver_offered(&d),
			 BIT64(OFFERED_FEATURE) | V1 |
				 BIT64(VIRTIO_F_RING_RESET) |
				 BIT64(VIRTIO_F_RING_PACKED) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX));
}

/* M10: feature words behind the last. */
static void feature_words(void)
{
	static const uint32_t words[] = { 2,  3,  31,	      32,
					  63, 64, 0x80000000, UINT32_MAX };
	uint64_t before;
	size_t i;

	machine();
	set_status(ACK);
	set_status(ACK | DRIVER);
	accept_features(V1);
	before = device.accepted;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, words[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_DEVICE_FEATURES),
				 0);
		driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, words[i]);
		driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, UINT32_MAX);
		assert_int_equal(device.accepted, before);
	}
}

/* M10: what was not offered, each bit of it. */
static void features_not_offered(void)
{
	uint64_t have;
	unsigned bit;

	machine();
	have = driver_offered(&d);
	for (bit = 0; bit < 64; bit++) {
		uint32_t got = negotiate(V1 | BIT64(bit));

		assert_int_equal(got, (have & BIT64(bit)) != 0 ?
					      ACK | DRIVER | FEATURES_OK :
					      ACK | DRIVER);
	}
}

static void features_without_version_1(void)
{
	machine();
	assert_int_equal(negotiate(0), ACK | DRIVER);
	assert_int_equal(negotiate(BIT64(OFFERED_FEATURE)), ACK | DRIVER);
	assert_int_equal(negotiate(V1), ACK | DRIVER | FEATURES_OK);
}

static void features_frozen(void)
{
	machine();
	negotiate(V1);
	accept_features(V1 | BIT64(OFFERED_FEATURE));
	assert_int_equal(device.accepted, V1);
	set_status(RUNNING);
	accept_features(UINT64_MAX);
	assert_int_equal(device.accepted, V1);
}

/* A refused set can be corrected. */
static void features_second_try(void)
{
	machine();
	assert_int_equal(negotiate(UINT64_MAX), ACK | DRIVER);
	accept_features(V1);
	assert_int_equal(set_status(ACK | DRIVER | FEATURES_OK),
			 ACK | DRIVER | FEATURES_OK);
}

/* -- Queues -------------------------------------------------------------- */

/* M01, M02: queues that the device does not have. */
static void queue_select(void)
{
	static const uint32_t none[] = { 1,	  2,	      255,	 0xffff,
					 0x10000, 0x80000000, UINT32_MAX };
	struct virtio_device before;
	size_t i;
	unsigned reg;

	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	before = device;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (d.kind == DRIVER_PCI && (uint16_t)none[i] == 0) {
			continue; /* registers of 16 bits */
		}
		driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, none[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
		for (reg = VIRTIO_MMIO_QUEUE_NUM; reg < VIRTIO_MMIO_CONFIG;
		     reg += 4) {
			if (reg != VIRTIO_MMIO_STATUS &&
			    reg != VIRTIO_MMIO_INTERRUPT_ACK) {
				driver_write(&d, reg, none[i]);
				driver_write(&d, reg, 1);
			}
		}
		assert_memory_equal(&device.queues, &before.queues,
				    sizeof(device.queues));
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	}
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), NUM_MAX);
}

static void notify_other_queues(void)
{
	static const uint32_t none[] = { 1, 2, 0xffff, 0x10000, UINT32_MAX };
	size_t i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	driver_desc(&d, 1, DATA, 1, 0, 0);
	driver_offer(&d, 1);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_QUEUE_NOTIFY, none[i]);
	}
	assert_int_equal(notified, 0);
	driver_notify(&d);
	assert_int_equal(notified, 1);
}

/* M09 */
static void notify_too_early(void)
{
	machine();
	ask();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	ask();
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	ask(); /* not DRIVER_OK yet */
	assert_int_equal(notified, 0);
	set_status(RUNNING);
	ask();
	assert_int_equal(notified, 3);
	set_status(0);
	ask();
	assert_int_equal(notified, 3);
}

static void notify_without_ready(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	set_status(RUNNING);
	ask();
	assert_int_equal(notified, 0);
}

/* A notification serves all that is available, and no more than num. */
static void serves_all(void)
{
	unsigned i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	for (i = 0; i < NUM_MAX; i++) {
		driver_desc(&d, i, DATA + i, 1, 0, 0);
		driver_offer(&d, i);
	}
	driver_notify(&d);
	assert_int_equal(notified, NUM_MAX);
	assert_int_equal(driver_used(&d), NUM_MAX);
	assert_int_equal(fake_spi(SPI)->rises, 1); /* one for all */
	driver_notify(&d);
	assert_int_equal(notified, NUM_MAX);
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

/* A ring that fills while it is served (a device's DMA) does not hold us. */
static void serving_is_bounded(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_RING_F_EVENT_IDX));
	never_enough = 1;
	ask();
	assert_int_equal(notified, NUM_MAX);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS), RUNNING);
	assert_int_equal(driver_avail_event(&d), NUM_MAX);
	driver_notify(&d);
	assert_int_equal(notified, 2 * NUM_MAX);
}

/* What the device refuses breaks the queue; what came before it was served. */
static void refused_request(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_desc(&d, 1, DATA + 1, 1, 0, 0);
	driver_desc(&d, 2, DATA + 2, 1, 0, 0);
	*ram(DATA + 1) = 0xbb;
	driver_offer(&d, 0);
	driver_offer(&d, 1);
	driver_offer(&d, 2);
	driver_notify(&d);
	assert_int_equal(notified, 2);
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(status(), RUNNING | NEEDS_RESET);
	driver_notify(&d);
	assert_int_equal(notified, 2);
	driver_start(&d, WINDOW, NUM_MAX, 0);
	ask();
	assert_int_equal(driver_used(&d), 1);
}

/* M05, M06: what was set stays until the reset. */
static void queue_is_frozen(void)
{
	static const unsigned regs[] = {
		VIRTIO_MMIO_QUEUE_NUM,	      VIRTIO_MMIO_QUEUE_DESC_LOW,
		VIRTIO_MMIO_QUEUE_DESC_HIGH,  VIRTIO_MMIO_QUEUE_AVAIL_LOW,
		VIRTIO_MMIO_QUEUE_AVAIL_HIGH, VIRTIO_MMIO_QUEUE_USED_LOW,
		VIRTIO_MMIO_QUEUE_USED_HIGH,  VIRTIO_MMIO_QUEUE_READY,
	};
	struct virtqueue before;
	size_t i;
	int live;

	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	before = device.queues[0];
	for (live = 0; live <= 1; live++) {
		for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
			driver_write(&d, regs[i], 1);
			driver_write(&d, regs[i], 0xfffffff0);
			assert_memory_equal(&device.queues[0], &before,
					    sizeof(before));
		}
		set_status(RUNNING);
	}
}

/* M06: a queue that was not ready at DRIVER_OK stays off. */
static void queue_after_driver_ok(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	set_status(RUNNING);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
}

/* M04, M07 at the registers: READY stays 0 and one line says why. */
static void queue_refused(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, 3);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	fake_one_line("unit0: queue 0 refused: 3 descriptors");
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_QUEUE_USED_LOW, 0x0a000000);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
}

static void queue_ready_values(void)
{
	static const uint32_t other[] = { 0, 2, 3, 0x100, UINT32_MAX };
	size_t i;

	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_QUEUE_READY, other[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	}
}

static void ring_features(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	assert_false(device.queues[0].indirect);
	assert_false(device.queues[0].event_idx);
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_RING_F_INDIRECT_DESC));
	assert_true(device.queues[0].indirect);
	assert_false(device.queues[0].event_idx);
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_RING_F_EVENT_IDX));
	assert_false(device.queues[0].indirect);
	assert_true(device.queues[0].event_idx);
	assert_false(device.queues[0].packed);
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_F_RING_PACKED));
	assert_true(device.queues[0].packed);
	driver_start(&d, WINDOW, NUM_MAX, 0);
	assert_false(device.queues[0].packed);
}

static void put_packed(uint64_t addr, unsigned id)
{
	struct vring_packed_desc desc = { addr, 1, (uint16_t)id,
					  1u << VRING_PACKED_DESC_F_AVAIL };

	memcpy(ram(d.desc + 16 * id), &desc, sizeof(desc));
}

/* The other ring through the same registers: no power of two, either. */
static void packed_ring(void)
{
	struct vring_packed_desc used;
	unsigned i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX - 1, BIT64(VIRTIO_F_RING_PACKED));
	driver_notify(&d);
	assert_int_equal(notified, 0);
	for (i = 0; i < 3; i++) {
		put_packed(DATA, i);
	}
	driver_notify(&d);
	assert_int_equal(notified, 3);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	memcpy(&used, ram(d.desc + 16 * 2), sizeof(used));
	assert_int_equal(used.id, 2);
	assert_int_equal(used.flags, 1u << VRING_PACKED_DESC_F_AVAIL |
					     1u << VRING_PACKED_DESC_F_USED);
	put_packed(0, 3); /* not in RAM */
	driver_notify(&d);
	assert_int_equal(status(), RUNNING | NEEDS_RESET);
	driver_start(&d, WINDOW, NUM_MAX, 0); /* and split again */
	ask();
	assert_int_equal(notified, 4);
}

/* Addresses of 64 bits: the halves in either order. */
static void queue_addresses(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_DESC_HIGH, 0x12345678);
	driver_write(&d, VIRTIO_MMIO_QUEUE_DESC_LOW, 0x9abcdef0);
	assert_int_equal(device.queues[0].desc_gpa, 0x123456789abcdef0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, 0x9abcdef0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 0x12345678);
	assert_int_equal(device.queues[0].avail_gpa, 0x123456789abcdef0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_USED_LOW, 0xffffffff);
	driver_write(&d, VIRTIO_MMIO_QUEUE_USED_HIGH, 0xffffffff);
	assert_int_equal(device.queues[0].used_gpa, UINT64_MAX);
}

static void reset_state(void)
{
	static const struct virtqueue zero;
	struct virtqueue expected = zero;

	machine();
	expected.num_max = NUM_MAX;
	expected.num = NUM_MAX;
	driver_start(&d, WINDOW, 8, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 7);
	virtio_break(&device, "x");
	assert_int_equal(set_status(0), 0);
	assert_memory_equal(&device.queues[0], &expected, sizeof(expected));
	assert_int_equal(device.accepted, 0);
	assert_int_equal(device.isr, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), NUM_MAX);
}

static const struct CMUnitTest tests[] = {
	TEST(offered),
	TEST(feature_words),
	TEST(features_not_offered),
	TEST(features_without_version_1),
	TEST(features_frozen),
	TEST(features_second_try),
	TEST(queue_select),
	TEST(notify_other_queues),
	TEST(notify_too_early),
	TEST(notify_without_ready),
	TEST(serves_all),
	TEST(serving_is_bounded),
	TEST(refused_request),
	TEST(queue_is_frozen),
	TEST(queue_after_driver_ok),
	TEST(queue_refused),
	TEST(queue_ready_values),
	TEST(ring_features),
	TEST(packed_ring),
	TEST(queue_addresses),
	TEST(reset_state),
};

UNIT_MAIN("virtio", tests)
