/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-rng: what is written, how much, and hosts without entropy. */
#include <linux/errno.h>
#include <string.h>

#include "core/loop.h"
#include "dev/rng.h"
#include "test/unit/driver.h"

#define NUM 16u
#define SPI 17u
#define DATA (RAM + 0x40000)
#define MOST 4096u /* bytes of one answer */

static struct driver d;

static void rng_of(uint64_t features)
{
	static const struct config_device row = {
		.name = "rng0",
		.gpa = WINDOW,
		.size = 0x200,
		.spi = SPI,
		.queue_size = NUM,
		.kind = DEVICE_VIRTIO_RNG,
		.transport = VIRTIO_MMIO,
	};

	driver_machine();
	rng_init(&row);
	driver_start(&d, WINDOW, NUM, features);
}

static void rng(void)
{
	rng_of(0);
}

/* One request of one buffer; its used length. */
static uint32_t ask(uint32_t len)
{
	uint16_t before = driver_used(&d);

	driver_desc(&d, 0, DATA, len, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_int_equal((uint16_t)(driver_used(&d) - before), 1);
	return driver_used_len(&d, before);
}

static int is_random(uint64_t gpa)
{
	return *ram(gpa) != 0x11;
}

static void fills(void)
{
	unsigned i;

	rng();
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_DEVICE_ID), VIRTIO_ID_RNG);
	memset(ram(DATA), 0x11, 256);
	assert_int_equal(ask(64), 64);
	for (i = 0; i < 64; i++) {
		assert_int_equal(*ram(DATA + i), (uint8_t)(0xa5 ^ i));
	}
	assert_false(is_random(DATA + 64));
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

static void one_byte(void)
{
	rng();
	memset(ram(DATA), 0x11, 2);
	assert_int_equal(ask(1), 1);
	assert_true(is_random(DATA));
	assert_false(is_random(DATA + 1));
}

/* M37: a request of all of RAM is bounded; the rest is asked for again. */
static void bounded(void)
{
	rng();
	memset(ram(DATA), 0x11, 0x10000);
	assert_int_equal(ask(0x10000), MOST);
	assert_true(is_random(DATA + MOST - 1));
	assert_false(is_random(DATA + MOST));
	assert_int_equal(ask(MOST), MOST);
	assert_int_equal(ask(MOST + 1), MOST);
}

static void bounded_over_buffers(void)
{
	rng();
	memset(ram(DATA), 0x11, 0x8000);
	driver_desc(&d, 0, DATA, MOST - 100, D_NEXT | D_WRITE, 1);
	driver_desc(&d, 1, DATA + 0x4000, 200, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_int_equal(driver_used_len(&d, 0), MOST);
	assert_true(is_random(DATA + 0x4000 + 99));
	assert_false(is_random(DATA + 0x4000 + 100));
}

static void no_entropy(void)
{
	rng();
	fake.entropy = 0;
	memset(ram(DATA), 0x11, 64);
	assert_int_equal(ask(64), 0);
	assert_false(is_random(DATA));
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS), RUNNING);
}

/*
 * Fewer bytes than asked for, then a second buffer: the used length covers
 * the first bytes of the chain (2.7.8), so it must not count what lies behind
 * a hole that was not written.
 */
static void short_answer_leaves_no_hole(void)
{
	unsigned len, i;

	rng();
	fake.entropy_max = 10;
	memset(ram(DATA), 0x11, 0x100);
	driver_desc(&d, 0, DATA, 32, D_NEXT | D_WRITE, 1);
	driver_desc(&d, 1, DATA + 32, 32, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	len = driver_used_len(&d, 0);
	assert_in_range(len, 1, 64);
	for (i = 0; i < len; i++) {
		assert_true(is_random(DATA + i));
	}
}

static void no_room_breaks(void)
{
	rng();
	driver_desc(&d, 0, DATA, 64, 0, 0); /* readable only */
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS),
			 RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET);
	assert_int_equal(driver_used(&d), 0);
	fake_one_line("rng0:");
	driver_start(&d, WINDOW, NUM, 0);
	assert_int_equal(ask(16), 16);
}

static void bad_ring_breaks(void)
{
	rng();
	driver_desc(&d, 0, DATA, 64, D_WRITE | D_NEXT, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS),
			 RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET);
	driver_start(&d, WINDOW, NUM, 0);
	assert_int_equal(ask(16), 16);
}

/* Readable buffers before the writable ones are not written to. */
static void readable_part_is_left_alone(void)
{
	rng();
	memset(ram(DATA), 0x11, 256);
	driver_desc(&d, 0, DATA, 64, D_NEXT, 1);
	driver_desc(&d, 1, DATA + 64, 64, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_int_equal(driver_used_len(&d, 0), 64);
	assert_false(is_random(DATA));
	assert_false(is_random(DATA + 63));
	assert_true(is_random(DATA + 64));
}

static void full_ring(void)
{
	unsigned i;

	rng();
	memset(ram(DATA), 0x11, 0x1000);
	for (i = 0; i < NUM; i++) {
		driver_desc(&d, i, DATA + 16 * i, 16, D_WRITE, 0);
		driver_offer(&d, i);
	}
	driver_notify(&d);
	assert_int_equal(driver_used(&d), NUM);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	assert_true(is_random(DATA + 16 * NUM - 1));
}

/* As test_blk.c: the device must ask for the next notification. */
static void full_ring_asks_for_the_next(void)
{
	unsigned i;

	rng_of(BIT64(VIRTIO_RING_F_EVENT_IDX));
	for (i = 0; i < NUM; i++) {
		driver_desc(&d, i, DATA + 16 * i, 16, D_WRITE, 0);
		driver_offer(&d, i);
	}
	driver_notify(&d);
	assert_int_equal(driver_used(&d), NUM);
	assert_int_equal(driver_avail_event(&d), NUM);
}

static const struct CMUnitTest tests[] = {
	TEST(fills),
	TEST(one_byte),
	TEST(bounded),
	TEST(bounded_over_buffers),
	TEST(no_entropy),
	TEST(short_answer_leaves_no_hole),
	TEST(no_room_breaks),
	TEST(bad_ring_breaks),
	TEST(readable_part_is_left_alone),
	TEST(full_ring),
	TEST(full_ring_asks_for_the_next),
};

UNIT_MAIN("rng", tests)
