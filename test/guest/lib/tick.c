/* SPDX-License-Identifier: Apache-2.0 */
/* One-shot alarm on the virtual timer's private interrupt. */
#include "tick.h"

#include "arm.h"
#include "gicdrv.h"

static volatile bool fired;
static bool enabled;

static void on_tick(void)
{
	sysreg_write("cntv_ctl_el0", 0);
	isb();
	fired = true;
}

void tick_start(uint64_t ms)
{
	if (!enabled) {
		gic_enable(INTID_VTIMER, false, on_tick);
		enabled = true;
	}
	fired = false;
	sysreg_write("cntv_cval_el0", counter() + counter_ms(ms));
	sysreg_write("cntv_ctl_el0", 1);
	isb();
}

void tick_stop(void)
{
	sysreg_write("cntv_ctl_el0", 0);
	isb();
}

bool tick_fired(void)
{
	return fired;
}

bool tick_wait(volatile bool *flag, uint64_t ms)
{
	bool result;

	tick_start(ms);
	irq_mask();
	while (!*flag && !fired) {
		wfi();
		irq_take();
	}
	result = *flag;
	tick_stop();
	return result;
}
