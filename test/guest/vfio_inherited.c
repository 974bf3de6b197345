/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LINE is asserted when the guest starts, by somebody before it: not told
 * before the SPI is enabled, told then, and nothing is lost after that.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "soc.h"

static const struct soc_line *const line = &LINE;

int main(void)
{
	uint64_t end = counter() + counter_ms(50);

	gic_init();
	MUST(line->asserted());
	while (counter() < end) {
		irq_take();
	}
	MUST(gic_taken(0) == 0);
	gic_enable(line->intid, false, line->handler);
	MUST_PASS(soc_no_more_than(line, 1));
	MUST(soc_count(line)->empty == 0);
	for (unsigned int i = 2; i <= 100; i++) {
		line->raise();
		MUST_PASS(soc_exactly(line, i));
	}
	return soc_no_more_than(line, 100);
}
