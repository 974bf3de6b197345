/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M68: a page of RAM breaks while the guest runs. The guest prints 'ready'
 * and waits for a character; the host declares the page's memory broken, then
 * sends it. Each access to the page aborts; all else is as before.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "trap.h"

#define BROKEN	0x41000000ull /* known to test/system/test_guests.py */
#define PAGE	4096ull
#define AROUND	16

static volatile uint64_t *word_of(uint64_t page)
{
	return (volatile uint64_t *)(page + 8);
}

static int neighbours_intact(void)
{
	for (uint64_t page = BROKEN - AROUND * PAGE;
	     page <= BROKEN + AROUND * PAGE; page += PAGE) {
		MUST(page == BROKEN || *word_of(page) == ~page);
	}
	return 0;
}

int main(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	uint64_t value;

	for (uint64_t page = BROKEN - AROUND * PAGE;
	     page <= BROKEN + AROUND * PAGE; page += PAGE) {
		*word_of(page) = ~page;
	}
	MUST(probe_read(BROKEN + 8, 8, &value) && value == ~BROKEN);
	say("ready\n");
	while (uart_get() < 0) {
	}
	for (unsigned int i = 0; i < NELEM(widths); i++) {
		MUST(!probe_read(BROKEN + 8, widths[i], &value));
		MUST(trap_is_external(probe_trap(), BROKEN + 8, widths[i]));
		MUST(!probe_write(BROKEN + 8, widths[i], 0));
		MUST(trap_is_external(probe_trap(), BROKEN + 8, widths[i]));
	}
	MUST_PASS(neighbours_intact());
	return 0;
}
