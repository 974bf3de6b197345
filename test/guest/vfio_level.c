/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wired interrupt of a device of the board, LINE: level, masked by the host
 * until the guest's EOI (M58). What the guest does to its own GIC neither
 * doubles an interrupt nor loses the next.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "soc.h"

#define ROW	1000u

static const struct soc_line *const line = &LINE;

static int raised_in_a_row(unsigned int rounds)
{
	soc_begin(line);
	for (unsigned int i = 1; i <= rounds; i++) {
		line->raise();
		MUST_PASS(soc_exactly(line, i));
	}
	MUST_PASS(soc_no_more_than(line, rounds));
	MUST(soc_count(line)->empty == 0);
	return 0;
}

/* Nobody asked for it: whatever the last owner of the device left. */
static int silent(void)
{
	soc_begin(line);
	return soc_no_more_than(line, 0);
}

/* One after the other: none lost, none doubled. */
static int in_a_row(void)
{
	return raised_in_a_row(ROW);
}

/* Again after every EOI until the device is satisfied, then not. */
static int level(void)
{
	for (unsigned int i = 1; i <= 100; i++) {
		soc_begin(line);
		soc_count(line)->withdraw_at = i;
		line->raise();
		MUST_PASS(i % 25 == 0 ? soc_no_more_than(line, i) :
					soc_exactly(line, i));
		MUST(soc_count(line)->empty == 0);
	}
	return 0;
}

static bool wait_pending(void)
{
	uint64_t end = counter() + counter_ms(3000);

	while (!gic_pending(line->intid) && counter() < end) {
	}
	return gic_pending(line->intid);
}

/* Asserted while the SPI is disabled: told once, when it is enabled. */
static int while_disabled(void)
{
	soc_begin(line);
	for (unsigned int i = 1; i <= 50; i++) {
		gic_disable(line->intid);
		line->raise();
		MUST(wait_pending());
		MUST_PASS(i <= 5 ? soc_no_more_than(line, i - 1) :
				   soc_exactly(line, i - 1));
		gic_enable(line->intid, false, line->handler);
		MUST_PASS(soc_exactly(line, i));
	}
	MUST(soc_count(line)->empty == 0);
	return soc_no_more_than(line, 50);
}

/*
 * Withdrawn while the SPI is disabled. The host has told it: at most once, and
 * the next one arrives.
 */
static int withdrawn_while_disabled(void)
{
	for (unsigned int i = 1; i <= 20; i++) {
		unsigned int late;

		soc_begin(line);
		gic_disable(line->intid);
		line->raise();
		MUST(wait_pending());
		line->withdraw();
		gic_enable(line->intid, false, line->handler);
		delay_us(1000);
		irq_take();
		late = soc_count(line)->taken;
		MUST(late <= 1);
		line->raise();
		MUST_PASS(soc_exactly(line, late + 1));
		MUST(soc_count(line)->empty == late);
	}
	return 0;
}

/* Set pending by the guest itself: its own interrupt, not the device's. */
static int set_pending(void)
{
	soc_begin(line);
	for (unsigned int i = 1; i <= 50; i++) {
		gic_set_pending(line->intid);
		MUST_PASS(soc_exactly(line, i));
	}
	MUST_PASS(soc_no_more_than(line, 50));
	MUST(soc_count(line)->empty == 50);
	return raised_in_a_row(10);
}

/* The device's is told once, however often the guest says the same. */
static int set_pending_too(void)
{
	soc_begin(line);
	for (unsigned int i = 1; i <= 50; i++) {
		unsigned int before = soc_count(line)->taken;

		gic_disable(line->intid);
		line->raise();
		MUST(wait_pending());
		for (unsigned int n = 0; n < 3; n++) {
			gic_set_pending(line->intid);
		}
		gic_enable(line->intid, false, line->handler);
		MUST_PASS(soc_exactly(line, before + 1));
	}
	MUST_PASS(soc_no_more_than(line, 50));
	return raised_in_a_row(10);
}

/* An asserted level is pending, whatever is cleared; and it stays masked. */
static int clear_pending(void)
{
	soc_begin(line);
	for (unsigned int i = 1; i <= 50; i++) {
		gic_disable(line->intid);
		line->raise();
		MUST(wait_pending());
		for (unsigned int n = 0; n < 3; n++) {
			gic_clear_pending(line->intid);
		}
		MUST(gic_pending(line->intid));
		gic_enable(line->intid, false, line->handler);
		MUST_PASS(soc_exactly(line, i));
	}
	MUST(soc_count(line)->empty == 0);
	MUST_PASS(soc_no_more_than(line, 50));
	return raised_in_a_row(10);
}

/* Active by the guest's word: not delivered before it says the contrary. */
static int set_active(void)
{
	soc_begin(line);
	for (unsigned int i = 1; i <= 50; i++) {
		gic_set_active(line->intid, true);
		line->raise();
		MUST(wait_pending());
		MUST_PASS(i <= 5 ? soc_no_more_than(line, i - 1) :
				   soc_exactly(line, i - 1));
		gic_set_active(line->intid, false);
		MUST_PASS(soc_exactly(line, i));
	}
	MUST(soc_count(line)->empty == 0);
	MUST_PASS(soc_no_more_than(line, 50));
	return raised_in_a_row(10);
}

/* All of it at any time: nothing of it wedges the line. */
static int at_random(void)
{
	static void (*const act[])(unsigned int) = {
		gic_set_pending, gic_clear_pending,
		gic_disable,
	};

	soc_begin(line);
	for (unsigned int i = 0; i < 2000; i++) {
		uint32_t r = prng();

		act[r % NELEM(act)](line->intid);
		if ((r & 0x100) != 0) {
			line->raise();
		}
		if ((r & 0x200) != 0) {
			gic_set_active(line->intid, (r & 0x400) != 0);
		}
		if ((r & 0x800) != 0) {
			irq_take();
		}
		if ((r & 0x3000) == 0) {
			gic_set_active(line->intid, false);
			gic_enable(line->intid, false, line->handler);
		}
	}
	gic_set_active(line->intid, false);
	return raised_in_a_row(100);
}

/*
 * As edge, by mistake, which no EOI unmasks: told once at most, and that is
 * this guest's loss. The next one's line is whole: this is the last case.
 */
static int as_edge(void)
{
	unsigned int taken;

	soc_begin(line);
	gic_set_edge(line->intid, true);
	for (unsigned int i = 0; i < 3; i++) {
		line->raise();
		delay_us(50000);
		irq_take();
	}
	taken = soc_count(line)->taken;
	MUST(taken <= 1);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "level_silent", silent },
		{ "level_in_a_row", in_a_row },
		{ "level_again", level },
		{ "level_while_disabled", while_disabled },
		{ "level_withdrawn", withdrawn_while_disabled },
		{ "level_set_pending", set_pending },
		{ "level_set_pending_too", set_pending_too },
		{ "level_clear_pending", clear_pending },
		{ "level_set_active", set_active },
		{ "level_at_random", at_random },
		{ "level_as_edge", as_edge },
	};

	gic_init();
	return run_cases(cases, NELEM(cases), NULL);
}
