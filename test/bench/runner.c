// SPDX-License-Identifier: Apache-2.0
/*
 * The plan, one line each, words separated by tabs:
 *   disk PATH MIB                     make a disk image
 *   hugepages COUNT                   reserve huge pages of 2 MiB
 *   time TAG COUNT ARGV...            exec to exit, best of COUNT
 *   mark TAG COUNT ARGV...            exec to the first line that begins '@'
 *   report TAG COUNT ARGV...          the subject's "@A", "@B COUNT TICKS HZ"
 *   memory TAG COUNT ARGV...          private memory outside guest RAM
 *   tap NAME ADDRESS                  make an interface for guests
 *   terminal PATH                     make one that nobody is at
 *   peer ARGV...                      what runs beside each series
 *   series TAG COUNT ARGV...          the subject's "@A", "@B NAME COUNT TICKS
 *                                     HZ" as often as it says them
 *   bind BUS DEVICE DRIVER            give a device to a driver
 *   wall TAG COUNT ARGV...            a series by the clock of the wall; the
 *                                     subject rests at its '@'s
 * Output: "START TAG", then "RESULT TAG VALUE ELAPSED_NS PEAK_RSS_KIB" or
 * "FAIL TAG". VALUE is nanoseconds of the subject's processor time (report: of
 * the whole system, idle time excepted, by COUNT), or bytes. A series gives
 * such a line for each NAME, with NAME:TAG, and one with exits_NAME:TAG, where
 * VALUE is exits to userspace in thousandths, by COUNT; kvm_exits_NAME:TAG, but
 * not by the clock of the wall, is of all exits.
 */
#include "runner.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLAN		"/plan"
#define WORDS_MAX	64

struct step {
	const char *kind;
	const char *tag;
	int count;
	char **argv;
};

struct result {
	uint64_t value;
	long peak_rss_kib;
	uint64_t elapsed;
};

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/tmp", 01777);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mkdir("/dev/hugepages", 0755);
	mount("hugetlbfs", "/dev/hugepages", "hugetlbfs", 0, NULL);
}

/* What the subjects write must wake us at once, also on one processor. */
static void raise_priority(void)
{
	struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param)) {
		printf("WARNING no real-time priority\n");
	}
}

static void make_disk(const char *path, int mib)
{
	static char chunk[1 << 20];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	memset(chunk, 0x5a, sizeof(chunk));
	while (mib-- > 0) {
		if (write(fd, chunk, sizeof(chunk)) != (ssize_t)sizeof(chunk)) {
			printf("WARNING cannot fill %s\n", path);
			break;
		}
	}
	close(fd);
}

/* Write a kernel setting and see that it took. */
static void write_number(const char *path, int number)
{
	FILE *file = fopen(path, "r+e");
	int got = -1;

	if (file) {
		fprintf(file, "%d\n", number);
		rewind(file);
		if (fscanf(file, "%d", &got) != 1) {
			got = -1;
		}
		fclose(file);
	}
	if (got != number) {
		printf("WARNING %s holds %d, not %d\n", path, got, number);
	}
}

static int timed_value(const struct step *step, struct run *run,
		       struct result *result)
{
	uint64_t count;

	result->peak_rss_kib = run->peak_rss_kib;
	result->elapsed = run->end.elapsed - run->start.elapsed;
	if (!strcmp(step->kind, "report")) {
		return marks_reported(run, 0, NULL, &result->value, &count);
	}
	if (!strcmp(step->kind, "time")) {
		result->value = run->end.cpu - run->start.cpu;
		return 0;
	}
	result->value = run->marks[0].at.cpu - run->start.cpu;
	return run->mark_count ? 0 : -1;
}

static int measure(const struct step *step, struct result *result)
{
	int quiet = !strcmp(step->kind, "time");
	struct run run;
	int64_t bytes;

	if (!strcmp(step->kind, "memory")) {
		bytes = memory_private(step->argv);
		result->value = (uint64_t)bytes;
		return bytes < 0 ? -1 : 0;
	}
	if (run_once(step->argv, quiet ? RUN_DISCARD : RUN_CAPTURE, &run)) {
		printf("STATUS %s 0x%x\n", step->tag, run.status);
		return -1;
	}
	return timed_value(step, &run, result);
}

/* Again, with its output on the console, for whoever reads the log. */
static void show_failure(const struct step *step)
{
	struct run run;

	printf("FAIL %s\n", step->tag);
	run_once(step->argv, RUN_SHOW, &run);
	printf("\nSTATUS %s 0x%x when shown\n", step->tag, run.status);
}

static void print_result(const char *word, const struct step *step,
			 const struct result *result)
{
	printf("%s %s %llu %llu %ld\n", word, step->tag,
	       (unsigned long long)result->value,
	       (unsigned long long)result->elapsed, result->peak_rss_kib);
}

static void keep_best(struct result *best, const struct result *result)
{
	if (result->value < best->value) {
		best->value = result->value;
	}
	if (result->elapsed < best->elapsed) {
		best->elapsed = result->elapsed;
	}
	if (result->peak_rss_kib > best->peak_rss_kib) {
		best->peak_rss_kib = result->peak_rss_kib;
	}
}

static void run_step(const struct step *step)
{
	struct result best = {
		.value = UINT64_MAX,
		.elapsed = UINT64_MAX,
	};
	struct result result;

	printf("START %s\n", step->tag);
	for (int i = 0; i < step->count; i++) {
		memset(&result, 0, sizeof(result));
		if (measure(step, &result)) {
			show_failure(step);
			return;
		}
		print_result("SAMPLE", step, &result);
		keep_best(&best, &result);
	}
	print_result("RESULT", step, &best);
}

/* -- Series ---------------------------------------------------------------- */

static char *peer[WORDS_MAX + 1];

static pid_t start_peer(void)
{
	pid_t pid = peer[0] ? fork() : 0;

	if (peer[0] && !pid) {
		execv(peer[0], peer);
		_exit(127);
	}
	return pid;
}

static void end_peer(pid_t pid)
{
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void print_value(const struct step *step, const char *what,
			const char *name, uint64_t value)
{
	struct result result = { .value = value };
	char tag[2 * RUN_LINE_MAX];
	struct step shown = { .tag = tag };

	snprintf(tag, sizeof(tag), "%s%s:%s", what, name, step->tag);
	print_result("RESULT", &shown, &result);
}

/* The exits that a mark itself costs, from its '@' on, are the first pair's. */
static void print_workload(const struct step *step, const struct run *run,
			   int first)
{
	const struct mark *marks = &run->marks[first];
	const struct mark *none = run->marks;
	char name[RUN_LINE_MAX];
	uint64_t value;
	uint64_t count;

	if (marks_reported(run, first, name, &value, &count)) {
		printf("FAIL %s\n", step->tag);
		return;
	}
	print_value(step, "", name, value);
	value = marks[1].at.exits - marks[0].at.exits -
		(none[1].at.exits - none[0].at.exits);
	print_value(step, "exits_", name, value * 1000 / count);
	if (run->output != RUN_SETTLE) {
		value = marks[1].at.kvm_exits - marks[0].at.kvm_exits -
			(none[1].at.kvm_exits - none[0].at.kvm_exits);
		print_value(step, "kvm_exits_", name, value * 1000 / count);
	}
}

static void run_series(const struct step *step)
{
	int wall = !strcmp(step->kind, "wall");
	struct run run;
	pid_t pid;
	int failed;

	printf("START %s\n", step->tag);
	for (int i = 0; i < step->count; i++) {
		pid = start_peer();
		failed = run_once(step->argv, wall ? RUN_SETTLE : RUN_CAPTURE,
				  &run);
		end_peer(pid);
		if (failed || run.mark_count < 4) {
			show_failure(step);
			return;
		}
		for (int mark = 2; mark + 1 < run.mark_count; mark += 2) {
			print_workload(step, &run, mark);
		}
	}
}

static int is_series(const struct step *step)
{
	return !strcmp(step->kind, "series") || !strcmp(step->kind, "wall");
}

static void run_line(char *line)
{
	char *words[WORDS_MAX + 1];
	int count = 0;

	for (char *word = strtok(line, "\t\n"); word && count < WORDS_MAX;
	     word = strtok(NULL, "\t\n")) {
		words[count++] = word;
	}
	words[count] = NULL;
	if (count == 3 && !strcmp(words[0], "disk")) {
		make_disk(words[1], atoi(words[2]));
	} else if (count == 2 && !strcmp(words[0], "hugepages")) {
		write_number("/proc/sys/vm/nr_hugepages", atoi(words[1]));
	} else if (count == 3 && !strcmp(words[0], "tap")) {
		if (tap_make(words[1], words[2])) {
			printf("WARNING no interface %s\n", words[1]);
		}
	} else if (count == 4 && !strcmp(words[0], "bind")) {
		if (bind_device(words[1], words[2], words[3])) {
			printf("WARNING %s has not %s\n", words[3], words[2]);
		}
	} else if (count == 2 && !strcmp(words[0], "terminal")) {
		if (terminal_make(words[1])) {
			printf("WARNING no terminal %s\n", words[1]);
		}
	} else if (count > 1 && !strcmp(words[0], "peer")) {
		for (int i = 1; i < count; i++) {
			peer[i - 1] = strdup(words[i]);
		}
	} else if (count > 3) {
		struct step step = { words[0], words[1], atoi(words[2]),
				     words + 3 };

		(is_series(&step) ? run_series : run_step)(&step);
	}
}

int main(void)
{
	char line[2048];
	FILE *plan;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("BOOT %llu\n", (unsigned long long)clock_ns());
	mount_all();
	raise_priority();
	/* Random layouts move page counts and page-table work about by 1 %. */
	write_number("/proc/sys/kernel/randomize_va_space", 0);
	run_prepare();
	plan = fopen(PLAN, "re");
	while (plan && fgets(line, sizeof(line), plan)) {
		run_line(line);
	}
	printf("DONE\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
