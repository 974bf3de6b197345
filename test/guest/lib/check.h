/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts. main() returns 0 or a code; the guest's last line is then
 * 'PASS name' or 'FAIL name code'. A guest with several cases prints such a
 * line for each of them first. A code is the line number of the failed MUST.
 */
#pragma once

#include <stdint.h>

struct test_case {
	const char *name;
	int (*run)(void);
};

extern const char guest_name[];

int main(void);

/* Flattened device tree as the boot protocol handed it over. */
uint64_t guest_fdt(void);

/* Print where and what failed; returns line. */
int check_failed(const char *file, int line, const char *what);

/* Run every case; after each its verdict is also that of after() if given. */
int run_cases(const struct test_case *cases, unsigned int count,
	      int (*after)(void));

/* PSCI SYSTEM_OFF. */
__attribute__((noreturn)) void guest_off(void);

#define MUST(condition)							\
	do {								\
		if (!(condition)) {					\
			return check_failed(__FILE__, __LINE__,		\
					    #condition);		\
		}							\
	} while (0)

/* For functions that return 0 or a failed line themselves. */
#define MUST_PASS(call)							\
	do {								\
		int _code = (call);					\
									\
		if (_code != 0) {					\
			(void)check_failed(__FILE__, __LINE__, #call);	\
			return _code;					\
		}							\
	} while (0)
