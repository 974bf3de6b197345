/* SPDX-License-Identifier: Apache-2.0 */
/* The MMIO transport, version 1 (virtio 1.2 section 4.2.4). */
#include <string.h>

#include "test/unit/counting.h"

static void legacy(void)
{
	machine_of(VIRTIO_MMIO_LEGACY);
}

static void legacy_identity(void)
{
	legacy();
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_VERSION), 1);
	assert_int_equal(driver_offered(&d),
			 BIT64(OFFERED_FEATURE) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX));
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN), 0);
}

static void legacy_start(uint32_t page_size, uint32_t align, uint32_t pfn)
{
	driver_write(&d, VIRTIO_MMIO_STATUS, 0);
	driver_write(&d, VIRTIO_MMIO_STATUS, ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, 0);
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, page_size);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_QUEUE_ALIGN, align);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, pfn);
}

static void legacy_queue(void)
{
	const struct virtqueue *vq = &device.queues[0];

	legacy();
	legacy_start(4096, 4096, (uint32_t)((RAM + 0x10000) / 4096));
	assert_true(vq->ready);
	assert_int_equal(vq->desc_gpa, RAM + 0x10000);
	assert_int_equal(vq->avail_gpa, RAM + 0x10000 + 16 * NUM_MAX);
	assert_int_equal(vq->used_gpa, RAM + 0x11000);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN),
			 (RAM + 0x10000) / 4096);
	set_status(ACK | DRIVER | DRIVER_OK); /* no FEATURES_OK in version 1 */
	assert_true(virtio_live(&device));
	ask();
	assert_int_equal(notified, 1);
}

static void legacy_stop(void)
{
	legacy();
	legacy_start(4096, 4096, (uint32_t)((RAM + 0x10000) / 4096));
	set_status(ACK | DRIVER | DRIVER_OK);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN), 0);
	ask();
	assert_int_equal(notified, 0);
}

static void legacy_small_alignment(void)
{
	legacy();
	legacy_start(4096, 64, (uint32_t)((RAM + 0x10000) / 4096));
	assert_true(device.queues[0].ready);
	/* 16 x 16 + 6 + 2 x 16, to the next multiple of 64 */
	assert_int_equal(device.queues[0].used_gpa, RAM + 0x10000 + 320);
}

static void legacy_other_page_size(void)
{
	legacy();
	legacy_start(65536, 4096, (uint32_t)((RAM + 0x10000) / 65536));
	assert_int_equal(device.queues[0].desc_gpa, RAM + 0x10000);
	assert_true(device.queues[0].ready);
	/* Changed later, the register still answers. */
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 0x80000000);
	(void)driver_read(&d, VIRTIO_MMIO_QUEUE_PFN);
}

/* Sizes and frames that are none. */
static void legacy_nonsense(void)
{
	static const uint32_t sizes[] = { 0,	3,	    4095,
					  4097, 0x80000000, UINT32_MAX };
	size_t i, j;

	legacy();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			legacy_start(sizes[i], sizes[j], UINT32_MAX);
			assert_false(device.queues[0].ready);
			legacy_start(sizes[i], sizes[j], 0x80000000);
			assert_false(device.queues[0].ready);
			legacy_start(sizes[i], sizes[j], 1);
			assert_false(device.queues[0].ready);
		}
	}
	legacy_start(4096, 4096, (uint32_t)(RAM / 4096));
	assert_true(device.queues[0].ready);
}

/* What is no size leaves the last one that was. */
static void legacy_sizes_that_are_none(void)
{
	static const uint32_t none[] = { 0, 3, 48, 4095, 0x3000, UINT32_MAX };
	size_t i;

	legacy();
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_ALIGN, 8192);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		legacy_start(none[i], none[i],
			     (uint32_t)((RAM + 0x10000) / 4096));
		assert_true(device.queues[0].ready);
		assert_int_equal(device.queues[0].desc_gpa, RAM + 0x10000);
		assert_int_equal(device.queues[0].used_gpa, RAM + 0x12000);
		/* Nor does the register divide by it. */
		driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, none[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN),
				 (RAM + 0x10000) / 4096);
	}
}

/* The rings' end, not only their start, must be in RAM. */
static void legacy_at_the_end(void)
{
	legacy();
	legacy_start(4096, 4096, (uint32_t)((RAM_END - 4096) / 4096));
	assert_false(device.queues[0].ready);
	legacy_start(4096, 4096, (uint32_t)((RAM_END - 8192) / 4096));
	assert_true(device.queues[0].ready);
}

/* A version 2 register does nothing in version 1, and the other way round. */
static void legacy_registers_only(void)
{
	legacy();
	driver_write(&d, VIRTIO_MMIO_STATUS, ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_QUEUE_DESC_LOW, RAM);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_false(device.queues[0].ready);
	assert_int_equal(device.queues[0].desc_gpa, 0);
}

/* Legacy drivers cannot be told that a feature is refused. */
static void legacy_features(void)
{
	legacy();
	driver_write(&d, VIRTIO_MMIO_STATUS, ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, UINT32_MAX);
	assert_int_equal(device.accepted,
			 BIT64(OFFERED_FEATURE) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX));
}

static const struct CMUnitTest tests[] = {
	TEST(legacy_identity),
	TEST(legacy_queue),
	TEST(legacy_stop),
	TEST(legacy_small_alignment),
	TEST(legacy_other_page_size),
	TEST(legacy_nonsense),
	TEST(legacy_sizes_that_are_none),
	TEST(legacy_at_the_end),
	TEST(legacy_registers_only),
	TEST(legacy_features),
};

UNIT_MAIN("virtio_legacy", tests)
