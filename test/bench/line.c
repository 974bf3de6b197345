// SPDX-License-Identifier: Apache-2.0
/*
 * Latency of a wired interrupt: the RTC's alarm comes at once when its clock is
 * set to the time of the alarm. LINE_EDGE: its line was made an edge-triggered
 * one, of which a rise is all there is.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "latency.h"

#define RTC_BASE	0x09010000ull
#define RTC_SPI		2
#define RTC_MR		0x04
#define RTC_LR		0x08
#define RTC_IMSC	0x10
#define RTC_RIS		0x14
#define RTC_ICR		0x1c

#define ALARM		1000000000u

static void nothing(void)
{
}

int main(void)
{
	struct line line = {
		.raise = RTC_BASE + RTC_LR,
		.lower = RTC_BASE + RTC_ICR,
		.raise_value = ALARM,
		.lower_value = 1,
		.intid = INTID_SPI(RTC_SPI),
	};

	gic_init();
	line.gic_cpu = gic_version() == 2 ? GIC_CPU : 0;
	mmio_write32(RTC_BASE + RTC_IMSC, 0);
	mmio_write32(RTC_BASE + RTC_MR, ALARM);
	mmio_write32(RTC_BASE + RTC_ICR, 1);
	MUST(mmio_read32(RTC_BASE + RTC_RIS) == 0);
	mmio_write32(RTC_BASE + RTC_IMSC, 1);
	gic_enable(line.intid, LINE_EDGE, nothing);
	measure_marks();
	if (LINE_EDGE) {
		return measure_line("line_edge", &line);
	}
	MUST_PASS(measure_line("line_level", &line));
	line.again = 1;
	return measure_line("line_again", &line);
}
