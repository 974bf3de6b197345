/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PL031 (ARM DDI 0224): wall clock time, setting it, the match interrupt, and
 * nonsense on every register (M39, M43).
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"
#include "trap.h"

#define RTC_BASE	0x09010000ull
#define RTC_SPI		2
#define RTC_DR		0x00
#define RTC_MR		0x04
#define RTC_LR		0x08
#define RTC_CR		0x0c
#define RTC_IMSC	0x10
#define RTC_RIS		0x14
#define RTC_MIS		0x18
#define RTC_ICR		0x1c

#define YEAR_2024	1704067200u
#define YEAR_2100	4102444800u

static volatile bool alarm;

static uint32_t rtc_read(unsigned int reg)
{
	return mmio_read32(RTC_BASE + reg);
}

static void rtc_write(unsigned int reg, uint32_t value)
{
	mmio_write32(RTC_BASE + reg, value);
}

static int identification(void)
{
	static const uint8_t id[] = { 0x31, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };

	for (unsigned int i = 0; i < NELEM(id); i++) {
		uint32_t mask = i == 2 ? 0x0f : 0xff;	/* free revision */

		MUST((rtc_read(0xfe0 + 4 * i) & mask) == id[i]);
	}
	return 0;
}

static int wall_clock(void)
{
	uint32_t now = rtc_read(RTC_DR);

	say("  %u seconds since 1970\n", now);
	MUST(now > YEAR_2024 && now < YEAR_2100);
	rtc_write(RTC_CR, 1);
	MUST((rtc_read(RTC_CR) & 1) == 1);
	return 0;
}

static int advances(void)
{
	volatile bool never = false;
	uint32_t start = rtc_read(RTC_DR);
	uint32_t passed;

	MUST(!tick_wait(&never, 3000));
	passed = rtc_read(RTC_DR) - start;
	MUST(passed >= 2 && passed <= 6);
	return 0;
}

static int set_time(void)
{
	uint32_t before = rtc_read(RTC_DR);

	rtc_write(RTC_LR, 1000000000);
	MUST(rtc_read(RTC_LR) == 1000000000);
	MUST(rtc_read(RTC_DR) - 1000000000 < 10);
	rtc_write(RTC_LR, 0xfffffffe);
	MUST(rtc_read(RTC_DR) - 0xfffffffe < 10);
	rtc_write(RTC_LR, before);
	MUST(rtc_read(RTC_DR) - before < 10);
	return 0;
}

static void on_alarm(void)
{
	alarm = true;
	rtc_write(RTC_IMSC, 0);
}

static int match_interrupt(void)
{
	gic_enable(INTID_SPI(RTC_SPI), false, on_alarm);
	rtc_write(RTC_ICR, 1);
	MUST((rtc_read(RTC_RIS) & 1) == 0);
	alarm = false;
	rtc_write(RTC_IMSC, 1);
	rtc_write(RTC_MR, rtc_read(RTC_DR) + 2);
	MUST(tick_wait(&alarm, 10000));
	MUST(rtc_read(RTC_RIS) == 1);
	MUST(rtc_read(RTC_MIS) == 0);
	rtc_write(RTC_ICR, 1);
	MUST(rtc_read(RTC_RIS) == 0);
	return 0;
}

/* Masked: the raw status shows the match, nobody is interrupted. */
static int match_masked(void)
{
	volatile bool never = false;

	alarm = false;
	rtc_write(RTC_IMSC, 0);
	rtc_write(RTC_MR, rtc_read(RTC_DR) + 1);
	MUST(!tick_wait(&never, 2500));
	MUST(!alarm);
	MUST(rtc_read(RTC_RIS) == 1);
	MUST(rtc_read(RTC_MIS) == 0);
	rtc_write(RTC_ICR, 1);
	MUST(rtc_read(RTC_RIS) == 0);
	return 0;
}

static int m39_every_offset(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint64_t values[] = { 0, ~0ull, 0xa5a5a5a5a5a5a5a5ull };
	uint32_t before = rtc_read(RTC_DR);
	uint64_t value;

	for (unsigned int at = 0; at < 0x1000 * NELEM(widths); at++) {
		uint64_t addr = alias(RTC_BASE) + at / NELEM(widths);
		unsigned int width = widths[at % NELEM(widths)];

		(void)probe_read(addr, width, &value);
		if (at / NELEM(widths) > 0x40 && at / NELEM(widths) < 0xfc0 &&
		    (at & 0xff) != 0) {
			continue;
		}
		for (unsigned int v = 0; v < NELEM(values); v++) {
			(void)probe_write(addr, width, values[v]);
		}
	}
	rtc_write(RTC_IMSC, 0);
	rtc_write(RTC_ICR, 1);
	rtc_write(RTC_CR, 1);
	rtc_write(RTC_LR, before);
	MUST(rtc_read(RTC_DR) - before < 60);
	return match_interrupt();
}

static int m43_read_only(void)
{
	static const unsigned int regs[] = { RTC_RIS, RTC_MIS, 0xfe0, 0xffc };

	for (unsigned int i = 0; i < NELEM(regs); i++) {
		uint32_t before = rtc_read(regs[i]);

		rtc_write(regs[i], ~before);
		MUST(rtc_read(regs[i]) == before);
	}
	rtc_write(RTC_DR, 0);
	MUST(rtc_read(RTC_DR) > YEAR_2024);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "pl031_identification", identification },
		{ "pl031_wall_clock", wall_clock },
		{ "pl031_advances", advances },
		{ "pl031_set_time", set_time },
		{ "pl031_match_interrupt", match_interrupt },
		{ "pl031_match_masked", match_masked },
		{ "m39_pl031_every_offset", m39_every_offset },
		{ "m43_pl031_read_only", m43_read_only },
	};

	return run_cases(cases, NELEM(cases), NULL);
}
