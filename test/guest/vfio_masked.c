/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LINE is asserted while its SPI is disabled. Between 'ready' and 'counted'
 * the guest writes to what its GIC has of it; the host is not to unmask it.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "soc.h"

#define WRITES	1000u

static const struct soc_line *const line = &LINE;

int main(void)
{
	uint64_t end = counter() + counter_ms(3000);

	soc_begin(line);
	gic_disable(line->intid);
	line->raise();
	while (!gic_pending(line->intid) && counter() < end) {
	}
	MUST(gic_pending(line->intid));
	say("ready\n");
	soc_await_input();
	for (unsigned int i = 0; i < WRITES; i++) {
		gic_set_pending(line->intid);
		gic_clear_pending(line->intid);
		gic_set_active(line->intid, true);
		irq_take();
		gic_set_active(line->intid, false);
		gic_set_edge(line->intid, true);
		gic_set_edge(line->intid, false);
		irq_take();
	}
	MUST_PASS(soc_no_more_than(line, 0));
	say("counted\n");
	soc_await_input();
	gic_enable(line->intid, false, line->handler);
	MUST_PASS(soc_no_more_than(line, 1));
	MUST(soc_count(line)->empty == 0);
	line->raise();
	return soc_no_more_than(line, 2);
}
