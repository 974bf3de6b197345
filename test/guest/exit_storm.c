/* SPDX-License-Identifier: Apache-2.0 */
/* M45: EXITS reads of one UART register, timed by the virtual counter. */
#include "arm.h"
#include "check.h"
#include "say.h"

#ifndef EXITS
#define EXITS 1000000
#endif

int main(void)
{
	uint64_t start = counter();
	uint32_t all = 0;
	uint64_t ns;

	for (unsigned int i = 0; i < EXITS; i++) {
		all |= uart_read(UART_CELLID0);
	}
	ns = (counter() - start) * 1000000000ull / sysreg_read("cntfrq_el0");
	say("%u exits, %lu ns each\n", EXITS, ns / EXITS);
	MUST(all == 0x0d);
	return 0;
}
