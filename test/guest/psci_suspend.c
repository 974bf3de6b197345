/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYSTEM_SUSPEND with a timer as wake source: refused by an error code, or the
 * guest starts again at the entry it named, with its context id. Never a hang,
 * never a return with success.
 */
#include "psci.h"

#include "arm.h"
#include "check.h"
#include "say.h"
#include "tick.h"

#define CONTEXT 0x1234567890abcdefull

extern char _stack_top[];

void resume_entry(void);
void resumed(uint64_t context);

/* Entered with the MMU off: strict alignment is all the code needs. */
void resumed(uint64_t context)
{
	say("resumed\n%s %s\n", context == CONTEXT ? "PASS" : "FAIL",
	    guest_name);
	guest_off();
}

__asm__(".text\n"
	"resume_entry:\n\t"
	"ldr x1, =_stack_top\n\t"
	"mov sp, x1\n\t"
	"b resumed\n\t"
	".ltorg");

int main(void)
{
	int64_t r;

	tick_start(1000);
	r = psci_call(PSCI_SYSTEM_SUSPEND, (uintptr_t)resume_entry, CONTEXT,
		      0);
	say("SYSTEM_SUSPEND returned %ld\n", r);
	MUST(r < 0);
	MUST(r == PSCI_NOT_SUPPORTED ||
	     psci_call(PSCI_FEATURES, PSCI_SYSTEM_SUSPEND, 0, 0) >= 0);
	return 0;
}
