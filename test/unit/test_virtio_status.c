/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status machine (M08) and devices that broke, with a device that only
 * counts. Once for each transport: the config says which.
 */
#include "test/unit/counting.h"

static void machine(void)
{
	machine_of(counting_transport());
}

static void status_steps(void)
{
	machine();
	assert_int_equal(set_status(ACK), ACK);
	assert_int_equal(set_status(ACK | DRIVER), ACK | DRIVER);
	accept_features(V1);
	assert_int_equal(set_status(ACK | DRIVER | FEATURES_OK),
			 ACK | DRIVER | FEATURES_OK);
	assert_int_equal(set_status(RUNNING), RUNNING);
	assert_int_equal(virtio_live(&device), 1);
	assert_int_equal(set_status(0), 0);
	assert_int_equal(virtio_live(&device), 0);
	assert_int_equal(quiesced, 1);
}

/* M08 */
static void driver_ok_without_features_ok(void)
{
	machine();
	assert_int_equal(set_status(ACK | DRIVER | DRIVER_OK), ACK | DRIVER);
	assert_int_equal(virtio_live(&device), 0);
}

static void driver_ok_with_refused_features(void)
{
	machine();
	set_status(ACK | DRIVER);
	accept_features(UINT64_MAX);
	assert_int_equal(set_status(RUNNING), ACK | DRIVER);
	assert_int_equal(virtio_live(&device), 0);
}

/* M08: bits are only added. */
static void status_bits_stay(void)
{
	machine();
	negotiate(V1);
	set_status(RUNNING);
	assert_int_equal(set_status(ACK), RUNNING);
	assert_int_equal(set_status(RUNNING & ~(uint32_t)DRIVER_OK), RUNNING);
	assert_int_equal(set_status(RUNNING & ~(uint32_t)FEATURES_OK), RUNNING);
	assert_int_equal(virtio_live(&device), 1);
}

/* M08: FAILED, then on. */
static void status_failed(void)
{
	machine();
	negotiate(V1);
	assert_int_equal(set_status(RUNNING | FAILED), RUNNING | FAILED);
	assert_int_equal(set_status(0), 0);
	assert_int_equal(negotiate(V1), ACK | DRIVER | FEATURES_OK);
}

static void status_wide(void)
{
	machine();
	assert_int_equal(set_status(0xffffff00 | ACK), ACK);
	assert_int_equal(set_status(0xffffff00), 0); /* bytes 1-3 are none */
	assert_int_equal(quiesced, 1);
}

/* The device alone says NEEDS_RESET. */
static void needs_reset_is_not_the_drivers(void)
{
	machine();
	assert_int_equal(set_status(ACK | NEEDS_RESET), ACK);
	assert_int_equal(set_status(ACK | DRIVER | NEEDS_RESET), ACK | DRIVER);
}

static void broken(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	virtio_break(&device, "a reason");
	assert_int_equal(status(), RUNNING | NEEDS_RESET);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_MMIO_INT_CONFIG);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	fake_one_line("unit0: a reason");
	/* The driver cannot clear it, nor go on. */
	assert_int_equal(set_status(RUNNING), RUNNING | NEEDS_RESET);
	ask();
	assert_int_equal(notified, 0);
	/* Once is enough. */
	virtio_break(&device, "again");
	assert_int_equal(fake_spi(SPI)->rises, 1);
	assert_int_equal(fake.log_lines, 1);
	/* After a reset it works. */
	driver_start(&d, WINDOW, NUM_MAX, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	ask();
	assert_int_equal(notified, 1);
}

static void broken_before_driver_ok(void)
{
	machine();
	set_status(ACK);
	virtio_break(&device, "never");
	assert_int_equal(status(), ACK);
	assert_int_equal(fake_spi(SPI)->calls, 0);
}

/* M67: quiesced and breaks in a loop do not flood the log. */
static void log_flood(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 1000; i++) {
		driver_start(&d, WINDOW, NUM_MAX, 0);
		virtio_break(&device, "flood");
	}
	assert_int_equal(fake.log_lines, 10);
}

static const struct CMUnitTest tests[] = {
	TEST(status_steps),
	TEST(driver_ok_without_features_ok),
	TEST(driver_ok_with_refused_features),
	TEST(status_bits_stay),
	TEST(status_failed),
	TEST(status_wide),
	TEST(needs_reset_is_not_the_drivers),
	TEST(broken),
	TEST(broken_before_driver_ok),
	TEST(log_flood),
};

UNIT_MAIN("virtio_status", tests)
