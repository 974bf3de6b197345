// SPDX-License-Identifier: Apache-2.0
/* Starting, timing and ending one subject of the benchmark. */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Board time after which a subject is taken to hang. An idle one uses it up at
 * once (the emulated clock jumps), a busy one within minutes of wall time. */
#define LIMIT_SECONDS	8
/* The same where the clock is that of the wall. */
#define LIMIT_WALL_SECONDS 60

/* Where such subjects run, as a partition has a processor of its own. */
#define WALL_CPU 1

/* Before each run: the kernel's deferred work for the last one ends. */
#define SETTLE_US	200000
/* From a mark's '@' until the subject rests. */
#define MARK_US		15000

static int idle_pipe[2];
/* Written by the child just before it becomes the subject. */
static volatile struct moment *shared_start;
static volatile pid_t running;

uint64_t clock_ns(void)
{
	uint64_t ticks;
	uint64_t hertz;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hertz));
	return (uint64_t)((unsigned __int128)ticks * 1000000000U / hertz);
}

static uint64_t idle_ns(void)
{
	char line[256];
	unsigned long long value;
	uint64_t sum = 0;
	FILE *file = fopen("/proc/timer_list", "re");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " .idle_sleeptime : %llu", &value) == 1 ||
		    sscanf(line, " .iowait_sleeptime: %llu", &value) == 1) {
			sum += value;
		}
	}
	if (file) {
		fclose(file);
	}
	return sum;
}

/* All guests' sum; there is one at a time. */
static uint64_t kvm_count(const char *name)
{
	unsigned long long value = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%s", name);
	file = fopen(path, "re");
	if (file && fscanf(file, "%llu", &value) != 1) {
		value = 0;
	}
	if (file) {
		fclose(file);
	}
	return value;
}

static uint64_t exits(void)
{
	return kvm_count("mmio_exit_user") + kvm_count("signal_exits");
}

/* The kernel's encoding of another process's CLOCK_PROCESS_CPUTIME_ID, as
 * clock_getcpuclockid() gives it; also good for a process not yet reaped. */
static uint64_t cpu_ns(pid_t pid)
{
	struct timespec time = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time)) {
		return 0;
	}
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

struct moment moment_now(pid_t pid)
{
	struct moment now = { .elapsed = clock_ns() };

	now.cpu = cpu_ns(pid);
	now.idle = idle_ns();
	now.exits = exits();
	now.kvm_exits = kvm_count("exits");
	return now;
}

static void on_alarm(int signal_number)
{
	(void)signal_number;
	if (running > 0) {
		kill(running, SIGKILL);
	}
}

void run_prepare(void)
{
	struct sigaction action = { .sa_handler = on_alarm };

	shared_start = mmap(NULL, sizeof(*shared_start), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared_start == MAP_FAILED || pipe2(idle_pipe, O_CLOEXEC) ||
	    sigaction(SIGALRM, &action, NULL)) {
		_exit(1);
	}
}

void run_exec(char **argv, int output_fd)
{
	dup2(idle_pipe[0], STDIN_FILENO);
	if (output_fd >= 0) {
		dup2(output_fd, STDOUT_FILENO);
		dup2(output_fd, STDERR_FILENO);
	}
	/* The first store takes the page fault, the others the time. */
	shared_start->elapsed = 0;
	shared_start->elapsed = clock_ns();
	shared_start->cpu = cpu_ns(0);
	execv(argv[0], argv);
	_exit(127);
}

static void set_limit(int seconds)
{
	struct itimerval limit = { .it_value = { .tv_sec = seconds } };

	setitimer(ITIMER_REAL, &limit, NULL);
}

static void start_mark(struct run *run)
{
	struct moment *at = &run->marks[run->mark_count].at;

	if (run->output == RUN_SETTLE) {
		usleep(MARK_US);
		at->exits = exits();
	} else {
		*at = moment_now(run->pid);
	}
	run->mark_count++;
	run->in_mark = 1;
}

static void extend_mark(struct run *run, char character)
{
	char *line = run->marks[run->mark_count - 1].line;
	size_t used = strlen(line);

	if (character == '\r' || character == '\n') {
		run->in_mark = 0;
	} else if (used < RUN_LINE_MAX - 1) {
		line[used] = character;
	}
}

static void take_character(struct run *run, char character)
{
	int at_start = !run->last || run->last == '\n';

	run->last = character;
	if (run->in_mark) {
		extend_mark(run, character);
	} else if (at_start && character == '@' &&
		   run->mark_count < RUN_MARKS_MAX) {
		start_mark(run);
	}
}

ssize_t run_capture(int fd, struct run *run)
{
	char text[256];
	ssize_t length = read(fd, text, sizeof(text));

	for (ssize_t i = 0; i < length; i++) {
		take_character(run, text[i]);
	}
	return length;
}

/* The write end that the subject gets as standard output, or -1 for ours; the
 * read end goes to *capture. */
static int open_output(enum run_output output, int *capture)
{
	int fds[2];

	*capture = -1;
	if (output == RUN_DISCARD) {
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	if (output == RUN_SHOW || pipe2(fds, O_CLOEXEC)) {
		return -1;
	}
	*capture = fds[0];
	return fds[1];
}

static void drain(int capture, struct run *run)
{
	ssize_t length;

	do {
		length = run_capture(capture, run);
	} while (length > 0 || (length < 0 && errno == EINTR));
	close(capture);
}

static void reap(struct run *run)
{
	struct rusage usage = { 0 };
	siginfo_t info;

	while (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOWAIT) &&
	       errno == EINTR) {
	}
	run->end = moment_now(run->pid);
	wait4(run->pid, &run->status, 0, &usage);
	run->start.elapsed = shared_start->elapsed;
	run->start.cpu = shared_start->cpu;
	run->peak_rss_kib = usage.ru_maxrss;
}

static void pin(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(WALL_CPU, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus)) {
		printf("WARNING no processor %d\n", WALL_CPU);
	}
}

int run_once(char **argv, enum run_output output, struct run *run)
{
	int capture;
	int output_fd = open_output(output, &capture);

	memset(run, 0, sizeof(*run));
	run->output = output;
	usleep(SETTLE_US);
	run->start.idle = idle_ns();
	run->pid = fork();
	if (!run->pid) {
		if (output == RUN_SETTLE) {
			pin();
		}
		run_exec(argv, output_fd);
	}
	running = run->pid;
	set_limit(output == RUN_SETTLE ? LIMIT_WALL_SECONDS : LIMIT_SECONDS);
	if (output_fd >= 0) {
		close(output_fd);
	}
	if (capture >= 0) {
		drain(capture, run);
	}
	reap(run);
	running = 0;
	set_limit(0);
	return run->status ? -1 : 0;
}
