/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ten idle seconds: one virtual timer, one WFI, no MMIO in between. The VMM's
 * exit counter must not move between the lines 'idle' and 'awake'; the last
 * UART access before the sleep is the drain of the line 'idle'.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"

#ifndef IDLE_MS
#define IDLE_MS 10000
#endif

int main(void)
{
	volatile bool never = false;
	uint64_t start;
	uint64_t ms;

	gic_init();
	say("idle\n");
	start = counter();
	MUST(!tick_wait(&never, IDLE_MS));
	ms = (counter() - start) * 1000 / sysreg_read("cntfrq_el0");
	say("awake after %lu ms\n", ms);
	MUST(tick_fired());
	MUST(ms >= IDLE_MS && ms < IDLE_MS + 5000);
	return 0;
}
