/* SPDX-License-Identifier: Apache-2.0 */
/* What a program without a libc needs: entry, system calls, the counter. */
#pragma once

#include <asm/unistd.h>
#include <stdint.h>

/* Calls name(stack), where stack[0] is argc and argv starts at stack[1]. */
#define BARE_ENTRY(name)						\
	__asm__(".globl _start\n"					\
		"_start:\n"						\
		"	mov	x0, sp\n"				\
		"	bl	" #name "\n")

static inline long bare_syscall(long number, long a, long b, long c, long d,
				long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

static inline long bare_call3(long number, long a, long b, long c)
{
	return bare_syscall(number, a, b, c, 0, 0, 0);
}

static inline long bare_open(const char *path, int flags)
{
	return bare_syscall(__NR_openat, -100, (long)path, flags, 0, 0, 0);
}

static inline long bare_write(int fd, const void *bytes, long count)
{
	return bare_call3(__NR_write, fd, (long)bytes, count);
}

static inline void __attribute__((noreturn)) bare_exit(int code)
{
	for (;;) {
		bare_call3(__NR_exit_group, code, 0, 0);
	}
}

static inline uint64_t bare_counter(void)
{
	uint64_t ticks;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
	return ticks;
}

static inline uint64_t bare_frequency(void)
{
	uint64_t hertz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hertz));
	return hertz;
}
