/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI and SMCCC calls that return (M63): version, features, CPU_ON of CPUs
 * that do not exist, unknown functions, the other conduit.
 */
#include "psci.h"

#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"
#include "trap.h"

static int version(void)
{
	int64_t v = psci_call(PSCI_VERSION, 0, 0, 0);

	say("  PSCI %u.%u\n", (uint32_t)v >> 16, (uint32_t)v & 0xffff);
	MUST(v >= 0x10000 && v < 0x20000);
	v = psci_call(SMCCC_VERSION, 0, 0, 0);
	MUST(v >= 0x10001);
	return 0;
}

static int features(void)
{
	static const uint32_t have[] = {
		PSCI_VERSION, PSCI_CPU_SUSPEND, PSCI_CPU_OFF, PSCI_CPU_ON,
		PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET,
		PSCI_FEATURES, SMCCC_VERSION,
	};

	for (unsigned int i = 0; i < NELEM(have); i++) {
		MUST(psci_call(PSCI_FEATURES, have[i], 0, 0) >= 0);
	}
	MUST(psci_call(PSCI_FEATURES, 0x8400ffff, 0, 0) ==
	     PSCI_NOT_SUPPORTED);
	MUST(psci_call(PSCI_FEATURES, 0, 0, 0) == PSCI_NOT_SUPPORTED);
	MUST(psci_call(PSCI_FEATURES, 0xffffffff, 0, 0) ==
	     PSCI_NOT_SUPPORTED);
	say("  SYSTEM_SUSPEND %ld, SYSTEM_RESET2 %ld\n",
	    psci_call(PSCI_FEATURES, PSCI_SYSTEM_SUSPEND, 0, 0),
	    psci_call(PSCI_FEATURES, PSCI_SYSTEM_RESET2, 0, 0));
	return 0;
}

static uint64_t own_mpidr(void)
{
	return sysreg_read("mpidr_el1") & 0xff00ffffff;
}

static int m63_cpu_on(void)
{
	static const uint64_t bad[] = { 1, 0x100, 0xff00ffffff, ~0ull,
					1ull << 31, 1ull << 63 };
	static const uint64_t entries[] = { 0x40080000, 0, 1, ~0ull };
	int64_t r;

	for (unsigned int i = 0; i < NELEM(bad); i++) {
		for (unsigned int e = 0; e < NELEM(entries); e++) {
			r = psci_call(PSCI_CPU_ON, bad[i], entries[e], 0);
			MUST(r == PSCI_INVALID_PARAMETERS);
		}
	}
	for (unsigned int e = 0; e < NELEM(entries); e++) {
		r = psci_call(PSCI_CPU_ON, own_mpidr(), entries[e], 0);
		MUST(r == PSCI_ALREADY_ON || r == PSCI_INVALID_ADDRESS ||
		     (r == PSCI_INVALID_PARAMETERS && (entries[e] & 3) != 0));
	}
	return 0;
}

static int m63_affinity_info(void)
{
	MUST(psci_call(PSCI_AFFINITY_INFO, own_mpidr(), 0, 0) == 0);
	MUST(psci_call(PSCI_AFFINITY_INFO, 0xff00ffffff, 0, 0) < 0);
	MUST(psci_call(PSCI_AFFINITY_INFO, 1, 0, 0) < 0);
	MUST(psci_call(PSCI_AFFINITY_INFO, own_mpidr(), 4, 0) < 0);
	MUST(psci_call(PSCI_AFFINITY_INFO, own_mpidr(), ~0ull, 0) < 0);
	return 0;
}

/* Standby: returns once an interrupt is pending. */
static int m63_cpu_suspend(void)
{
	uint64_t start = counter();

	tick_start(50);
	while (!tick_fired()) {
		MUST(psci_call(PSCI_CPU_SUSPEND, 0, 0, 0) == PSCI_SUCCESS);
		irq_take();
	}
	MUST(counter() - start >= counter_ms(50));
	return 0;
}

static int m63_unknown(void)
{
	static const uint32_t unknown[] = {
		0x8400001f, 0xc400001f, 0x8400fff0, 0x80001000, 0x8100ffff,
		0x83000000, 0x85000100, 0xb2000000, 0xffffffff, 0x00000001,
		0xbf00ff02,
	};

	for (unsigned int i = 0; i < NELEM(unknown); i++) {
		MUST(psci_call(unknown[i], ~0ull, ~0ull, ~0ull) ==
		     PSCI_NOT_SUPPORTED);
	}
	return 0;
}

static int m63_random(void)
{
	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t function = prng();

		/* Not the ones that end the guest. */
		if ((function & 0x3f00ffc0) == 0x04000000) {
			continue;
		}
		(void)psci_call(function, prng(), prng(), prng());
	}
	return 0;
}

/* SMC is not the conduit, but KVM answers it like HVC; others refuse it. */
static int m63_smc(void)
{
	register uint64_t x0 __asm__("x0") = PSCI_VERSION;
	int64_t result;

	trap_expect();
	__asm__ volatile("smc #0" : "+r"(x0) : : "x1", "x2", "x3", "x4", "x5",
			 "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			 "x14", "x15", "x16", "x17", "memory");
	result = (int32_t)x0;
	MUST(trap_done().count == 1 || result == PSCI_NOT_SUPPORTED ||
	     result == psci_call(PSCI_VERSION, 0, 0, 0));
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "psci_version", version },
		{ "psci_features", features },
		{ "m63_cpu_on", m63_cpu_on },
		{ "m63_affinity_info", m63_affinity_info },
		{ "m63_cpu_suspend", m63_cpu_suspend },
		{ "m63_unknown", m63_unknown },
		{ "m63_random", m63_random },
		{ "m63_smc", m63_smc },
	};

	return run_cases(cases, NELEM(cases), NULL);
}
