/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INTERRUPTS of LINE one after the other, counted exactly. Between 'ready' and
 * 'counted', each followed by a character of input, what the VMM exits for is
 * the same for any number below PROGRESS.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "soc.h"

#define PROGRESS	200000u

static const struct soc_line *const line = &LINE;

/* The next one of those that were raised; false when none comes in 3 s. */
static bool served(unsigned int count)
{
	const struct soc_count *c = soc_count(line);
	uint64_t end = counter() + counter_ms(3000);

	do {
		irq_take();
	} while (c->taken - c->empty < count && counter() < end);
	return c->taken - c->empty == count;
}

static int count_them(void)
{
	for (unsigned int i = 1; i <= INTERRUPTS; i++) {
		line->raise();
		MUST(served(i));
		if (i % PROGRESS == 0) {
			say("  %u of %u\n", i, (unsigned int)INTERRUPTS);
		}
	}
	return 0;
}

int main(void)
{
	const struct soc_count *c = soc_count(line);
	uint64_t end;
	int code;

	soc_begin(line);
	say("ready\n");
	soc_await_input();
	code = count_them();
	say("counted\n");
	soc_await_input();
	end = counter() + counter_ms(50);
	while (counter() < end) {
		irq_take();
	}
	if (code != 0 || c->taken != INTERRUPTS) {
		say("  %u taken, %u with nothing asserted\n", c->taken,
		    c->empty);
	}
	MUST(code == 0);
	MUST(c->taken == INTERRUPTS);
	MUST(c->empty == 0);
	return 0;
}
