/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed again and again between assertion and EOI: first it must hear each of
 * the two devices, whatever the last owner left, and nothing that it did not
 * ask for. It says STORM and then asserts, and serves late or never; it does
 * not end by itself.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "soc.h"

#define NEVER_AFTER	5u

static const struct soc_line *const lines[] = { &soc_rtc, &soc_gpio };

/* As a driver that starts, which finds the device as it is. */
static int hear(const struct soc_line *l)
{
	gic_enable(l->intid, false, l->handler);
	delay_us(2000);
	irq_take();
	MUST(soc_count(l)->taken == 0);
	soc_begin(l);
	for (unsigned int i = 1; i <= 3; i++) {
		l->raise();
		MUST_PASS(soc_exactly(l, i));
	}
	say("HEARD %s\n", l->name);
	return 0;
}

static void at_random(void)
{
	delay_us(prng() % 4000);
}

/* Some time before the device is satisfied, and between that and the EOI. */
static void serve_late(const struct soc_line *l)
{
	at_random();
	l->handler();
	at_random();
}

static void on_rtc(void)
{
	serve_late(&soc_rtc);
}

static void on_gpio(void)
{
	serve_late(&soc_gpio);
	if (soc_gpio_count.taken > NEVER_AFTER) {
		soc_gpio.raise();
		soc_rtc.raise();
		for (;;) {
		}
	}
}

int main(void)
{
	gic_init();
	for (unsigned int i = 0; i < NELEM(lines); i++) {
		MUST_PASS(hear(lines[i]));
	}
	gic_handle(soc_rtc.intid, on_rtc);
	gic_handle(soc_gpio.intid, on_gpio);
	/* So that no two runs are the same. */
	for (uint64_t n = counter() % 1000; n > 0; n--) {
		(void)prng();
	}
	say("STORM\n");
	for (;;) {
		lines[prng() % NELEM(lines)]->raise();
		at_random();
		irq_take();
	}
}
