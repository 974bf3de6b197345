/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of a hosted unit test. Each test function runs in a process of its
 * own: the VMM's state is static and made for one life, and a test that hangs
 * or dies takes no other with it.
 */
#pragma once

/* What <cmocka.h> wants to find included, then itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UNIT_SECONDS 60 /* after which a test counts as hung */

/* A row of the array that unit_run() takes: void fn(void). */
/* clang-format off */
#define TEST(fn) { #fn, unit_isolated, NULL, NULL, (void *)(fn) }
/* clang-format on */

void unit_isolated(void **state);
int unit_run(const char *group, const struct CMUnitTest *tests, size_t n);

/* Runs body in a child; its exit status, or 256 + signal. Unlike a test. */
int unit_child(void (*body)(void *), void *arg);

/*
 * The same by halves: as fork(), any child's end with its status as wait(),
 * and the end of a child.
 */
int unit_fork(void);
int unit_wait(int *status);
__attribute__((noreturn)) void unit_exit(int code);
/* As SIGKILL ends one. */
void unit_die(void);

#define UNIT_MAIN(group, tests)                                      \
	int main(void)                                               \
	{                                                            \
		return unit_run(group, tests,                        \
				sizeof(tests) / sizeof((tests)[0])); \
	}

/* Anonymous host memory, as mmap() with the generic Linux flag values. */
void *unit_mmap(void *addr, size_t len, int prot, int flags);
/* A file in memory of that size, -1 without one; len bytes of it, at addr if
 * that is not NULL; what is punched out reads as zeros. */
int unit_memfd(size_t len);
void *unit_map(void *addr, size_t len, int fd, size_t offset);
int unit_munmap(void *addr, size_t len);
int unit_punch(int fd, size_t offset, size_t len);
/*
 * Calls step over and over on another thread, until unit_thread_stop(), which
 * returns how often that was.
 */
void unit_thread(void (*step)(void));
unsigned long unit_thread_stop(void);
/* Runs a shell command, NUL-terminated output to out; its exit status. */
int unit_shell(const char *command, char *out, size_t size);
