// SPDX-License-Identifier: Apache-2.0
/* Medians of what takes no longer than an interrupt. */
#include "latency.h"

#include "arm.h"
#include "check.h"
#include "say.h"

#define WARM_UP		20u
#define COUNT		201u
/* Until the line is unmasked again and nothing is left to do. */
#define REST_US		100

static void insert(uint64_t *sorted, unsigned int count, uint64_t value)
{
	while (count > 0 && sorted[count - 1] > value) {
		sorted[count] = sorted[count - 1];
		count--;
	}
	sorted[count] = value;
}

void measure_marks(void)
{
	say("@A\n");
	say("@A\n");
}

int measure(const char *name, int (*once)(const void *ctx, uint64_t *ticks),
	    const void *ctx)
{
	uint64_t sorted[COUNT];
	uint64_t ticks;

	for (unsigned int i = 0; i < WARM_UP; i++) {
		MUST_PASS(once(ctx, &ticks));
	}
	say("@A\n");
	for (unsigned int i = 0; i < COUNT; i++) {
		MUST_PASS(once(ctx, &ticks));
		insert(sorted, i, ticks);
	}
	say("@B %s %u %lu %lu\n", name, COUNT, sorted[COUNT / 2] * COUNT,
	    sysreg_read("cntfrq_el0"));
	return 0;
}

static int deliver(const void *ctx, uint64_t *ticks)
{
	const struct line *line = ctx;
	uint32_t taken = 0;

	*ticks = raise(line, &taken);
	MUST(taken == line->intid);
	delay_us(REST_US);
	return 0;
}

int measure_line(const char *name, const struct line *line)
{
	MUST(line->intid != 0);
	return measure(name, deliver, line);
}
