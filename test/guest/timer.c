/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual timer and interrupt controller, whichever GIC there is: delivery,
 * masking, WFI wake-up with interrupts masked, a counter that never goes
 * back, and what an EL1 guest may try on the timer's registers (M70).
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"
#include "trap.h"

static int gic_present(void)
{
	uint32_t typer;

	gic_init();
	typer = mmio_read32(GIC_DIST + 4);
	say("  GICv%u, %u interrupt lines\n", gic_version(),
	    32 * ((typer & 31) + 1));
	MUST(32 * ((typer & 31) + 1) >= 64);
	return 0;
}

static int one_shot(void)
{
	volatile bool never = false;
	unsigned int before = gic_taken(INTID_VTIMER);

	for (unsigned int i = 1; i <= 20; i++) {
		MUST(!tick_wait(&never, 5));
		MUST(tick_fired());
		MUST(gic_taken(INTID_VTIMER) == before + i);
	}
	return 0;
}

/* WFI must end for an interrupt that PSTATE masks, without taking it. */
static int wfi_masked(void)
{
	unsigned int before = gic_taken(INTID_VTIMER);

	tick_start(20);
	while ((sysreg_read("cntv_ctl_el0") & 4) == 0) {
		wfi();
	}
	MUST(gic_taken(INTID_VTIMER) == before);
	irq_take();
	MUST(gic_taken(INTID_VTIMER) == before + 1);
	return 0;
}

/* A disabled line stays pending and is delivered once enabled. */
static int disabled_line(void)
{
	unsigned int before = gic_taken(INTID_VTIMER);

	tick_start(1);
	gic_disable(INTID_VTIMER);
	delay_us(20000);
	irq_take();
	MUST(gic_taken(INTID_VTIMER) == before);
	MUST(gic_pending(INTID_VTIMER));
	mmio_write32((gic_version() == 3 ? GIC_REDIST + 0x10000 : GIC_DIST) +
		     0x100, 1u << INTID_VTIMER);
	dsb();
	irq_take();
	delay_us(1000);
	irq_take();
	MUST(gic_taken(INTID_VTIMER) == before + 1);
	return 0;
}

/* The timer raises again as long as its handler does not quench it. */
static int past_deadline(void)
{
	volatile bool never = false;

	tick_start(0);
	delay_us(1000);
	irq_take();
	MUST(tick_fired());
	MUST(!tick_wait(&never, 1));
	return 0;
}

static int monotonic(void)
{
	uint64_t last = counter();
	uint64_t physical;

	for (unsigned int i = 0; i < 200000; i++) {
		uint64_t now = counter();

		MUST(now >= last);
		MUST(now - last < counter_ms(20000));
		last = now;
	}
	trap_expect();
	physical = sysreg_read("cntpct_el0");
	if (trap_done().count == 0) {
		say("  CNTPCT - CNTVCT = %lx\n", physical - last);
	}
	return 0;
}

/* EL2's registers and the counter itself are out of the guest's reach. */
static int hostile_registers(void)
{
	uint64_t frequency = sysreg_read("cntfrq_el0");
	uint64_t before = counter();
	uint64_t after;

	trap_expect();
	sysreg_write("cntvoff_el2", ~0ull);
	MUST(trap_done().count == 1);
	trap_expect();
	sysreg_write("cntfrq_el0", 1);
	if (trap_done().count == 0) {
		/* A machine without EL2: EL1 owns the register. */
		sysreg_write("cntfrq_el0", frequency);
	}
	MUST(sysreg_read("cntfrq_el0") == frequency);
	sysreg_write("cntv_cval_el0", 0);
	sysreg_write("cntv_tval_el0", 0x80000000);
	sysreg_write("cntv_cval_el0", ~0ull);
	sysreg_write("cntv_ctl_el0", ~0ull);
	isb();
	MUST((sysreg_read("cntv_ctl_el0") & 4) == 0);
	sysreg_write("cntv_ctl_el0", 0);
	after = counter();
	MUST(after >= before && after - before < frequency * 20);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "timer_gic_present", gic_present },
		{ "timer_one_shot", one_shot },
		{ "timer_wfi_masked", wfi_masked },
		{ "timer_disabled_line", disabled_line },
		{ "timer_past_deadline", past_deadline },
		{ "timer_monotonic", monotonic },
		{ "m70_timer_registers", hostile_registers },
	};

	return run_cases(cases, NELEM(cases), NULL);
}
