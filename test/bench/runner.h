/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The benchmark's runner: process 1 of the emulated host. It reads a plan (one
 * measurement per line), runs each subject and prints what it measured. Under
 * -icount shift=0,sleep=off all clocks count one nanosecond per instruction,
 * but they jump while the processor idles, so elapsed time is not instructions:
 * the kernel waits for a tick (4 ms) here and there, and other tasks run in
 * between. The processor time of the subject (all its threads, user and kernel)
 * is.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#define RUN_LINE_MAX	128
/* Of a series: two for the marks themselves, two for each workload. */
#define RUN_MARKS_MAX	64

/* RUN_SETTLE is RUN_CAPTURE for hosts with several processors, where the
 * subject runs on while its exits are counted: it rests at its marks. */
enum run_output { RUN_DISCARD, RUN_CAPTURE, RUN_SETTLE, RUN_SHOW };

struct moment {
	/* Processor time of the subject; time since power-on, and how much of
	 * that was idle. All in nanoseconds. */
	uint64_t cpu;
	uint64_t elapsed;
	uint64_t idle;
	/* Exits to userspace, by KVM's count: MMIO, and to look at signals or
	 * task work; and all, to the kernel. */
	uint64_t exits;
	uint64_t kvm_exits;
};

struct mark {
	/* When '@' came out at the start of a line, and what followed it. */
	struct moment at;
	char line[RUN_LINE_MAX];
};

struct run {
	/* Just before execve; at exit. */
	struct moment start;
	struct moment end;
	pid_t pid;
	int mark_count;
	struct mark marks[RUN_MARKS_MAX];
	enum run_output output;
	/* Inside a mark's line; the last character seen, 0 before the first. */
	int in_mark;
	char last;
	long peak_rss_kib;
	int status;
};

/* Nanoseconds since the board's power-on. */
uint64_t clock_ns(void);

/* Now, for process pid: costs some 100,000 instructions after the clocks were
 * read. */
struct moment moment_now(pid_t pid);

/* Prepare what all runs share; call once. Exits on failure. */
void run_prepare(void);

/* In a forked child: put the standard streams in place and exec argv. The
 * subject's standard input is a pipe into which nobody writes. */
void run_exec(char **argv, int output_fd) __attribute__((noreturn));

/* Run argv to its end, or kill it after a limit of board time. Returns 0 if it
 * exited with status 0. */
int run_once(char **argv, enum run_output output, struct run *run);

/* Take what fd holds into run->marks. Returns read()'s result. */
ssize_t run_capture(int fd, struct run *run);

/* What the guest measured between mark first and the one after it, which holds
 * its "B [NAME] COUNT TICKS HZ": nanoseconds of the whole system without idle
 * time, for each of COUNT; and COUNT. The name goes to name, RUN_LINE_MAX
 * bytes, if it is not NULL. Returns -1 if there is no such pair. */
int marks_reported(const struct run *run, int first, char *name,
		   uint64_t *value, uint64_t *count);

/* Make a tap interface that stays, with an IPv4 address and 24 bits of network.
 * Returns -1 if the host refuses. */
int tap_make(const char *name, const char *address);

/* Give a device to a driver. Returns -1 if it does not have it then. */
int bind_device(const char *bus, const char *device, const char *driver);

/* Make a terminal to which nobody types. Returns -1 if the host refuses. */
int terminal_make(const char *path);

/* Run argv until its first mark, let it settle, count its private bytes outside
 * guest RAM (as registered with KVM at GPA 1 GiB and up), kill it. Returns -1
 * if that point never came. */
int64_t memory_private(char **argv);
