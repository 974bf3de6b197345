/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYSTEM_RESET (M63). With RESETS 0: prints 'boot' and resets for ever, needs
 * no device; PID 1 ends that where CFG_RESET_MS makes it a failure. Otherwise:
 * counts boots in slot 0's disk and passes after RESETS resets.
 */
#include "psci.h"

#include "arm.h"
#include "check.h"
#include "memo.h"
#include "say.h"

static int count_boots(void)
{
	struct memo m;

	MUST_PASS(memo_load(&m));
	m.boots++;
	say("boot %lu\n", m.boots);
	if (m.boots > RESETS) {
		return memo_clear();
	}
	MUST_PASS(memo_save(&m));
	(void)psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	MUST(false);
}

int main(void)
{
	if (RESETS > 0) {
		return count_boots();
	}
	say("boot\n");
	(void)psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	MUST(false);
}
