/* SPDX-License-Identifier: Apache-2.0 */
/* Entry into C, verdict lines, power-off. */
#include "check.h"

#include <stddef.h>

#include "arm.h"
#include "psci.h"
#include "say.h"
#include "tree.h"

void guest_enter(uint64_t fdt);

static uint64_t fdt_addr;

uint64_t guest_fdt(void)
{
	return fdt_addr;
}

int check_failed(const char *file, int line, const char *what)
{
	const char *base = file;

	for (; *file != '\0'; file++) {
		if (*file == '/') {
			base = file + 1;
		}
	}
	say("  %s:%d: %s\n", base, line, what);
	return line;
}

static int verdict(const char *name, int code)
{
	if (code == 0) {
		say("PASS %s\n", name);
	} else {
		say("FAIL %s %d\n", name, code);
	}
	return code;
}

int run_cases(const struct test_case *cases, unsigned int count,
	      int (*after)(void))
{
	int failed = 0;
	int code;

	for (unsigned int i = 0; i < count; i++) {
		code = cases[i].run();
		if (after != NULL) {
			int late = after();

			code = code != 0 ? code : late;
		}
		failed += verdict(cases[i].name, code) != 0;
	}
	return failed;
}

void guest_off(void)
{
	(void)psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;) {
		wfi();
	}
}

void guest_enter(uint64_t fdt)
{
	fdt_addr = fdt;
	uart_init();
	tree_init(fdt);
	(void)verdict(guest_name, main());
	guest_off();
}
