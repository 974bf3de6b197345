/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where _start arrives. As PID 1 we are the board's supervisor, which forks
 * the partitions; as an ordinary process we are the one partition.
 */
#include <linux/auxvec.h>
#include <stdint.h>

#include "boot/partition.h"
#include "boot/supervisor.h"
#include "core/log.h"
#include "core/sys.h"

/* The compiler's stack protector; libfdt.a comes with it built in. */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard;
__attribute__((noreturn)) void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
	log_fatal(EXIT_BUG, "bug: a stack buffer overflowed; report it");
}

/* The kernel's 16 random bytes: behind argv and envp, in the aux vector. */
static uintptr_t random_guard(const uintptr_t *stack)
{
	const uintptr_t *at = stack + 1 + stack[0] + 1;

	while (*at != 0) {
		at++;
	}
	for (at++; at[0] != AT_NULL; at += 2) {
		if (at[0] == AT_RANDOM) {
			return *(const uintptr_t *)at[1];
		}
	}
	return 0;
}

__attribute__((noreturn)) void boot_main(const uintptr_t *stack);

void boot_main(const uintptr_t *stack)
{
	__stack_chk_guard = random_guard(stack);
	if (sys_getpid() == 1) {
		supervisor_run();
	}
	partition_run(0, 0);
}
