/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYSTEM_RESET2, where the host offers it: bad types are refused, a warm and a
 * vendor reset start the guest anew. Counts in slot 0's disk.
 */
#include "psci.h"

#include "arm.h"
#include "check.h"
#include "memo.h"
#include "say.h"

int main(void)
{
	static const uint32_t types[] = { 0, 0x80000000, 0x8000abcd };
	struct memo m;

	if (psci_call(PSCI_FEATURES, PSCI_SYSTEM_RESET2, 0, 0) < 0) {
		say("not offered\n");
		MUST(psci_call(PSCI_SYSTEM_RESET2, 0, 0, 0) ==
		     PSCI_NOT_SUPPORTED);
		return 0;
	}
	MUST_PASS(memo_load(&m));
	say("boot %lu\n", m.boots);
	if (m.boots == NELEM(types)) {
		return memo_clear();
	}
	MUST(psci_call(PSCI_SYSTEM_RESET2, 1, 0, 0) ==
	     PSCI_INVALID_PARAMETERS);
	m.boots++;
	MUST_PASS(memo_save(&m));
	(void)psci_call(PSCI_SYSTEM_RESET2, types[m.boots - 1], ~0ull, 0);
	MUST(false);
}
