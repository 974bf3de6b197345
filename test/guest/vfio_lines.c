/* SPDX-License-Identifier: Apache-2.0 */
/* Two devices of the board at the same time, in every order, counted. */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "soc.h"

#define ROUNDS	1000u

static void begin(void)
{
	soc_begin(&soc_rtc);
	soc_begin(&soc_gpio);
}

static int exactly(unsigned int count)
{
	MUST_PASS(soc_exactly(&soc_rtc, count));
	MUST_PASS(soc_exactly(&soc_gpio, count));
	return 0;
}

static int at_last(unsigned int count)
{
	MUST_PASS(soc_no_more_than(&soc_rtc, count));
	MUST_PASS(soc_no_more_than(&soc_gpio, count));
	MUST(soc_rtc_count.empty == 0 && soc_gpio_count.empty == 0);
	return 0;
}

/* Both asserted before either is served. */
static int together(void)
{
	begin();
	for (unsigned int i = 1; i <= ROUNDS; i++) {
		const struct soc_line *first = i % 2 ? &soc_rtc : &soc_gpio;
		const struct soc_line *then = i % 2 ? &soc_gpio : &soc_rtc;

		first->raise();
		then->raise();
		MUST_PASS(exactly(i));
	}
	return at_last(ROUNDS);
}

static int in_turn(void)
{
	begin();
	for (unsigned int i = 1; i <= ROUNDS; i++) {
		soc_rtc.raise();
		MUST_PASS(soc_exactly(&soc_rtc, i));
		soc_gpio.raise();
		MUST_PASS(exactly(i));
	}
	return at_last(ROUNDS);
}

/* Each handler asserts the other's. */
static void on_rtc(void)
{
	soc_rtc.handler();
	soc_gpio.raise();
}

static void on_gpio(void)
{
	soc_gpio.handler();
	if (soc_gpio_count.taken < ROUNDS) {
		soc_rtc.raise();
	}
}

static int by_each_other(void)
{
	uint64_t end = counter() + counter_ms(60000);

	begin();
	gic_handle(soc_rtc.intid, on_rtc);
	gic_handle(soc_gpio.intid, on_gpio);
	soc_rtc.raise();
	while (soc_gpio_count.taken < ROUNDS && counter() < end) {
		irq_take();
	}
	return at_last(ROUNDS);
}

/* One is not served, which is nothing to the other. */
static int one_unserved(void)
{
	begin();
	gic_disable(soc_gpio.intid);
	soc_gpio.raise();
	for (unsigned int i = 1; i <= ROUNDS; i++) {
		soc_rtc.raise();
		MUST_PASS(soc_exactly(&soc_rtc, i));
	}
	MUST(soc_gpio_count.taken == 0);
	gic_enable(soc_gpio.intid, false, soc_gpio.handler);
	MUST_PASS(soc_no_more_than(&soc_gpio, 1));
	MUST_PASS(soc_no_more_than(&soc_rtc, ROUNDS));
	MUST(soc_rtc_count.empty == 0 && soc_gpio_count.empty == 0);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "lines_together", together },
		{ "lines_in_turn", in_turn },
		{ "lines_by_each_other", by_each_other },
		{ "lines_one_unserved", one_unserved },
	};

	gic_init();
	return run_cases(cases, NELEM(cases), NULL);
}
