/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt controller's windows read and written all over (M39).
 * The vGIC is the host kernel's; what is shown is that guest and VMM live on.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "trap.h"

static unsigned int hammer(uint64_t base, uint64_t size, bool writes)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	unsigned int aborts = 0;
	uint64_t value;

	/* Densely where registers are, sparsely where they repeat. */
	for (uint64_t at = 0; at < size;
	     at += at % 0x10000 < 0x1000 ? 4 : 68) {
		unsigned int width = widths[prng() & 3];
		uint64_t addr = base + (at & ~(uint64_t)(width - 1));

		aborts += !probe_read(addr, width, &value);
		if (writes) {
			aborts += !probe_write(addr, width, prng());
			aborts += !probe_write(addr, width, 0);
		}
	}
	return aborts;
}

static int pass_over(bool writes)
{
	say("  dist: %u aborts\n", hammer(GIC_DIST, 0x10000, writes));
	if (gic_version() == 3) {
		say("  redist: %u aborts\n",
		    hammer(GIC_REDIST, 0x20000, writes));
		say("  its: %u aborts\n", hammer(GIC_ITS, 0x20000, writes));
	} else {
		say("  cpu: %u aborts\n", hammer(GIC_CPU, 0x2000, writes));
	}
	return 0;
}

static int m39_reads(void)
{
	return pass_over(false);
}

static int m39_writes(void)
{
	irq_mask();
	return pass_over(true);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m39_gic_reads", m39_reads },
		{ "m39_gic_writes", m39_writes },
	};

	gic_init();
	return run_cases(cases, NELEM(cases), NULL);
}
