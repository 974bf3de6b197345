/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a hosted unit test; compiled against the host's headers. */
#define _GNU_SOURCE
#include "test/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Written by gcov builds; others do not have it. */
__attribute__((weak)) void __gcov_dump(void);

int unit_fork(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/* A failed assertion must end this child, not unwind. */
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		alarm(UNIT_SECONDS);
	}
	return pid;
}

int unit_wait(int *status)
{
	return wait(status);
}

void unit_exit(int code)
{
	fflush(NULL);
	if (__gcov_dump) {
		__gcov_dump();
	}
	_exit(code);
}

void unit_die(void)
{
	raise(SIGKILL);
}

int unit_child(void (*body)(void *), void *arg)
{
	int status;
	pid_t pid;

	pid = unit_fork();
	if (pid == 0) {
		body(arg);
		unit_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		return -1;
	}
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

static void call(void *fn)
{
	((void (*)(void))fn)();
}

void unit_isolated(void **state)
{
	int status = unit_child(call, *state);

	if (status == 256 + SIGALRM) {
		fail_msg("hung: not over after %d seconds", UNIT_SECONDS);
	}
	if (status >= 256 && status != 256 + SIGABRT) {
		fail_msg("killed by signal %d", status - 256);
	}
	if (status != 0) {
		fail_msg("failed (status %d); see above", status);
	}
}

int unit_run(const char *group, const struct CMUnitTest *tests, size_t n)
{
	return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}

void *unit_mmap(void *addr, size_t len, int prot, int flags)
{
	void *at = mmap(addr, len, prot, flags & ~MAP_HUGETLB & 0xfffff, -1, 0);

	return at == MAP_FAILED ? (void *)(intptr_t)-errno : at;
}

int unit_memfd(size_t len)
{
	int fd = memfd_create("unit", MFD_CLOEXEC);

	return fd >= 0 && ftruncate(fd, (off_t)len) == 0 ? fd : -1;
}

void *unit_map(void *addr, size_t len, int fd, size_t offset)
{
	void *at = mmap(addr, len, PROT_READ | PROT_WRITE,
			MAP_SHARED | (addr ? MAP_FIXED : 0), fd, (off_t)offset);

	return at == MAP_FAILED ? NULL : at;
}

int unit_munmap(void *addr, size_t len)
{
	return munmap(addr, len);
}

int unit_punch(int fd, size_t offset, size_t len)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			 (off_t)offset, (off_t)len);
}

int unit_shell(const char *command, char *out, size_t size)
{
	FILE *pipe = popen(command, "r");
	size_t n;

	if (!pipe) {
		return -1;
	}
	n = fread(out, 1, size - 1, pipe);
	out[n] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

static pthread_t thread;
static int thread_stop;
static unsigned long thread_steps;

static void *thread_main(void *step)
{
	while (!__atomic_load_n(&thread_stop, __ATOMIC_RELAXED)) {
		((void (*)(void))step)();
		thread_steps++;
	}
	return NULL;
}

void unit_thread(void (*step)(void))
{
	thread_stop = 0;
	thread_steps = 0;
	assert_int_equal(pthread_create(&thread, NULL, thread_main,
					(void *)step),
			 0);
}

unsigned long unit_thread_stop(void)
{
	__atomic_store_n(&thread_stop, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return thread_steps;
}
