/* SPDX-License-Identifier: Apache-2.0 */
/* PL031: time, setting it, and the alarm (DDI 0224B). */
#include <linux/io_uring.h>
#include <string.h>

#include "core/loop.h"
#include "dev/pl031.h"
#include "test/unit/driver.h"

#define RTC 0x09010000ull
#define SPI 2u
#define NOW 1700000000u

#define DR 0x000
#define MR 0x004
#define LR 0x008
#define CR 0x00c
#define IMSC 0x010
#define RIS 0x014
#define MIS 0x018
#define ICR 0x01c

static uint32_t rd(unsigned reg)
{
	return (uint32_t)driver_mmio_read(RTC + reg, 4);
}

static void wr(unsigned reg, uint32_t value)
{
	driver_mmio_write(RTC + reg, 4, value);
}

static void rtc(void)
{
	static const struct config_device row = {
		.name = "rtc0",
		.gpa = RTC,
		.size = 0x1000,
		.spi = SPI,
	};

	driver_machine();
	pl031_init(&row);
}

static void run_loop(void)
{
	loop_before_run();
	loop_after_run();
}

static unsigned line(void)
{
	return fake_spi(SPI)->level;
}

static void time_to(int64_t seconds)
{
	fake_set_time(seconds);
	run_loop();
}

/* -- Time ---------------------------------------------------------------- */

static void reset_values(void)
{
	rtc();
	assert_int_equal(rd(DR), NOW);
	assert_int_equal(rd(CR) & 1, 1);
	assert_int_equal(rd(IMSC), 0);
	assert_int_equal(rd(RIS), 0);
	assert_int_equal(rd(MIS), 0);
	assert_int_equal(line(), 0);
}

static void identification(void)
{
	static const uint8_t id[] = { 0x31, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };
	unsigned i;

	rtc();
	for (i = 0; i < 8; i++) {
		assert_int_equal(rd(0xfe0 + 4 * i), id[i]);
		wr(0xfe0 + 4 * i, 0xff);
		assert_int_equal(rd(0xfe0 + 4 * i), id[i]);
	}
}

static void time_goes_on(void)
{
	rtc();
	time_to(NOW + 1);
	assert_int_equal(rd(DR), NOW + 1);
	time_to(NOW + 100000);
	assert_int_equal(rd(DR), NOW + 100000);
}

/* F20: the host's clock is set back, and forth. */
static void host_clock_jumps(void)
{
	rtc();
	time_to(NOW - 500);
	assert_int_equal(rd(DR), NOW - 500);
	time_to(0);
	assert_int_equal(rd(DR), 0);
	time_to(0x100000005);
	assert_int_equal(rd(DR), 5);
}

static void set_time(void)
{
	static const uint32_t times[] = { 0,	      1,	  1000,
					  0x7fffffff, 0x80000000, 0xffffffff };
	size_t i;

	rtc();
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		fake.clock[0].sec = NOW;
		wr(LR, times[i]);
		assert_int_equal(rd(LR), times[i]);
		assert_int_equal(rd(DR), times[i]);
		fake.clock[0].sec += 7;
		assert_int_equal(rd(DR), times[i] + 7); /* modulo 2^32 */
	}
}

/* -- Alarm --------------------------------------------------------------- */

static void alarm(void)
{
	rtc();
	wr(MR, NOW + 10);
	assert_int_equal(rd(MR), NOW + 10);
	wr(IMSC, 1);
	run_loop();
	assert_int_equal(fake_pending_of(IORING_OP_TIMEOUT), 1);
	time_to(NOW + 9);
	assert_int_equal(line(), 0);
	time_to(NOW + 10);
	assert_int_equal(line(), 1);
	assert_int_equal(rd(RIS), 1);
	assert_int_equal(rd(MIS), 1);
	wr(ICR, 1);
	assert_int_equal(line(), 0);
	assert_int_equal(rd(RIS), 0);
	time_to(NOW + 100);
	assert_int_equal(line(), 0);
}

static void alarm_now(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW);
	run_loop();
	assert_int_equal(line(), 1);
}

/* The match is of one second: a time that has passed is none. */
static void alarm_passed(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW - 1);
	run_loop();
	time_to(NOW + 1000);
	assert_int_equal(line(), 0);
	assert_int_equal(fake_pending_of(IORING_OP_TIMEOUT), 0);
}

/* Nothing waits, and no exit comes of it, while no alarm is set. */
static void no_alarm(void)
{
	rtc();
	wr(IMSC, 1);
	run_loop();
	assert_int_equal(fake_pending_of(IORING_OP_TIMEOUT), 0);
}

/* The raw status does not depend on the mask. */
static void alarm_masked(void)
{
	rtc();
	wr(MR, NOW + 5);
	run_loop();
	time_to(NOW + 5);
	assert_int_equal(rd(RIS), 1);
	assert_int_equal(rd(MIS), 0);
	assert_int_equal(line(), 0);
	wr(IMSC, 1);
	assert_int_equal(line(), 1);
	assert_int_equal(rd(MIS), 1);
}

static void alarm_masked_after(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 5);
	run_loop();
	wr(IMSC, 0);
	run_loop();
	time_to(NOW + 5);
	assert_int_equal(line(), 0);
}

/* Set again while one waits: the new one counts, the old one does not. */
static void alarm_moved_later(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 5);
	run_loop();
	wr(MR, NOW + 20);
	run_loop();
	time_to(NOW + 5);
	assert_int_equal(line(), 0);
	time_to(NOW + 19);
	assert_int_equal(line(), 0);
	time_to(NOW + 20);
	assert_int_equal(line(), 1);
}

static void alarm_moved_earlier(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 20);
	run_loop();
	wr(MR, NOW + 5);
	run_loop();
	time_to(NOW + 5);
	assert_int_equal(line(), 1);
}

static void alarm_moved_before_submission(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 20);
	wr(MR, NOW + 5);
	wr(MR, NOW + 7);
	run_loop();
	time_to(NOW + 6);
	assert_int_equal(line(), 0);
	time_to(NOW + 7);
	assert_int_equal(line(), 1);
}

static void alarm_called_off(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 5);
	run_loop();
	wr(MR, NOW - 1);
	run_loop();
	time_to(NOW + 1000);
	assert_int_equal(line(), 0);
	assert_int_equal(fake_pending_of(IORING_OP_TIMEOUT), 0);
}

/* Setting the clock moves the alarm along. */
static void alarm_follows_time(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, 1000);
	run_loop();
	wr(LR, 990);
	run_loop();
	time_to(NOW + 9);
	assert_int_equal(line(), 0);
	time_to(NOW + 10);
	assert_int_equal(rd(DR), 1000);
	assert_int_equal(line(), 1);
}

/*
 * The comparator never stops (section 2.4.1): a match that is set while the
 * last interrupt is pending counts once that is cleared.
 */
static void alarm_set_before_clear(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 5);
	run_loop();
	time_to(NOW + 5);
	assert_int_equal(line(), 1);
	wr(MR, NOW + 10);
	wr(ICR, 1);
	run_loop();
	assert_int_equal(line(), 0);
	time_to(NOW + 10);
	assert_int_equal(line(), 1);
}

/* Cleared in the second of the match, it does not come again. */
static void alarm_once(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW + 5);
	run_loop();
	time_to(NOW + 5);
	wr(ICR, 1);
	run_loop();
	run_loop();
	assert_int_equal(line(), 0);
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

static void clear_by_zero(void)
{
	rtc();
	wr(IMSC, 1);
	wr(MR, NOW);
	run_loop();
	wr(ICR, 0);
	assert_int_equal(line(), 1);
	wr(ICR, UINT32_MAX);
	assert_int_equal(line(), 0);
}

/* A guest that sets it over and over has one request in flight. */
static void alarm_flood(void)
{
	unsigned i;

	rtc();
	wr(IMSC, 1);
	for (i = 0; i < 5000; i++) {
		wr(MR, NOW + 10 + i % 50);
		if (i % 3 == 0) {
			run_loop();
		}
	}
	run_loop();
	run_loop();
	assert_int_equal(fake_pending_of(IORING_OP_TIMEOUT), 1);
	wr(MR, NOW + 3);
	run_loop();
	time_to(NOW + 3);
	assert_int_equal(line(), 1);
}

/* -- Hostile accesses ---------------------------------------------------- */

static void every_access(void)
{
	unsigned size, offset;

	rtc();
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= 0x1000; offset++) {
			(void)driver_mmio_read(RTC + offset, size);
			driver_mmio_write(RTC + offset, size, UINT64_MAX);
			driver_mmio_write(RTC + offset, size, 0);
		}
	}
	run_loop();
	wr(ICR, 1);
	wr(LR, NOW);
	wr(IMSC, 1);
	wr(MR, NOW + 2);
	run_loop();
	wr(ICR, 1);
	time_to(NOW + 2);
	assert_int_equal(line(), 1);
}

static void read_only_registers(void)
{
	static const unsigned regs[] = { DR, CR, RIS, MIS };
	uint32_t before;
	size_t i;

	rtc();
	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		before = rd(regs[i]);
		wr(regs[i], 0);
		wr(regs[i], UINT32_MAX);
		assert_int_equal(rd(regs[i]), before);
	}
	wr(IMSC, UINT32_MAX);
	assert_int_equal(rd(IMSC), 1);
}

static void narrow_accesses(void)
{
	rtc();
	driver_mmio_write(RTC + LR, 1, 5);
	driver_mmio_write(RTC + LR, 2, 5);
	driver_mmio_write(RTC + LR, 8, 5);
	assert_int_equal(rd(DR), NOW);
	assert_int_equal(driver_mmio_read(RTC + DR, 2), 0);
}

static const struct CMUnitTest tests[] = {
	TEST(reset_values),
	TEST(identification),
	TEST(time_goes_on),
	TEST(host_clock_jumps),
	TEST(set_time),
	TEST(alarm),
	TEST(alarm_now),
	TEST(alarm_passed),
	TEST(no_alarm),
	TEST(alarm_masked),
	TEST(alarm_masked_after),
	TEST(alarm_moved_later),
	TEST(alarm_moved_earlier),
	TEST(alarm_moved_before_submission),
	TEST(alarm_called_off),
	TEST(alarm_follows_time),
	TEST(alarm_set_before_clear),
	TEST(alarm_once),
	TEST(clear_by_zero),
	TEST(alarm_flood),
	TEST(every_access),
	TEST(read_only_registers),
	TEST(narrow_accesses),
};

UNIT_MAIN("pl031", tests)
