/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests that never end by themselves, for tests that kill them (M64). KIND 0:
 * WFI without a wake source, 1: spins on a register without any exit, 2:
 * CPU_OFF of the only CPU. Each prints its name's verb first.
 */
#include "psci.h"

#include "arm.h"
#include "check.h"
#include "say.h"

static void sleep(void)
{
	say("asleep\n");
	irq_mask();
	for (;;) {
		wfi();
	}
}

static void spin(void)
{
	say("spinning\n");
	for (volatile uint64_t i = 0;; i++) {
	}
}

static void cpu_off(void)
{
	say("cpu off\n");
	(void)psci_call(PSCI_CPU_OFF, 0, 0, 0);
}

int main(void)
{
	switch (KIND) {
	case 0:
		sleep();
		break;
	case 1:
		spin();
		break;
	default:
		cpu_off();
		break;
	}
	return __LINE__;
}
