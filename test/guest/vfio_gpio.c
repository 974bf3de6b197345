/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PL061's line 3, which somebody outside raises for 100 ms whenever 'pulse' was
 * printed: PULSES times as an edge that is acknowledged once, then as a level,
 * that comes again until the line is low.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "soc.h"
#include "tick.h"

#define LINE_3	0x08u
#define PULSES	20u

static volatile unsigned int taken;
static volatile unsigned int empty;
static volatile bool arrived;

static void gpio_write(unsigned int reg, uint8_t value)
{
	mmio_write8(GPIO_BASE + reg, value);
}

static bool is_high(void)
{
	return mmio_read8(GPIO_BASE + GPIO_DATA(LINE_3)) != 0;
}

static void on_gpio(void)
{
	taken++;
	empty += mmio_read8(GPIO_BASE + GPIO_MIS) != LINE_3;
	gpio_write(GPIO_IC, LINE_3);
	arrived = true;
}

static int begin(bool level)
{
	soc_gpio.quiet();
	gpio_write(GPIO_IS, level ? LINE_3 : 0);
	gpio_write(GPIO_IEV, LINE_3);
	gpio_write(GPIO_IC, 0xff);
	gic_enable(soc_gpio.intid, false, on_gpio);
	irq_take();
	taken = 0;
	empty = 0;
	gpio_write(GPIO_IE, LINE_3);
	irq_take();
	MUST(taken == 0);
	return 0;
}

static int wait_low(void)
{
	uint64_t end = counter() + counter_ms(10000);

	while (is_high() && counter() < end) {
		irq_take();
	}
	MUST(!is_high());
	irq_take();
	return 0;
}

static int wait_pulse(void)
{
	arrived = false;
	say("pulse\n");
	MUST(tick_wait(&arrived, 20000));
	return 0;
}

/* Rising edge: once, and not again while the line stays high. */
static int each_once(void)
{
	MUST_PASS(begin(false));
	for (unsigned int i = 1; i <= PULSES; i++) {
		MUST_PASS(wait_pulse());
		MUST_PASS(wait_low());
		MUST(taken == i);
	}
	MUST(empty == 0);
	return 0;
}

/* High level: as often as it is acknowledged in vain, then never. */
static int again_while_high(void)
{
	volatile bool never = false;
	unsigned int at_end;

	MUST_PASS(begin(true));
	for (unsigned int i = 1; i <= 3; i++) {
		unsigned int before = taken;

		MUST_PASS(wait_pulse());
		MUST_PASS(wait_low());
		MUST(taken - before > 3);
		at_end = taken;
		MUST(!tick_wait(&never, 50));
		MUST(taken == at_end);
	}
	say("  %u while the line was high\n", taken);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "gpio_each_once", each_once },
		{ "gpio_again_while_high", again_while_high },
	};

	gic_init();
	return run_cases(cases, NELEM(cases), NULL);
}
