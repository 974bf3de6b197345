// SPDX-License-Identifier: Apache-2.0
/*
 * The plan, one line each, words separated by tabs:
 *   disk PATH MIB                     make a disk image
 *   hugepages COUNT                   reserve huge pages of 2 MiB
 *   time TAG COUNT ARGV...            exec to exit, best of COUNT
 *   mark TAG COUNT ARGV...            exec to the first line that begins '@'
 *   report TAG COUNT ARGV...          the subject's "@A", "@B COUNT TICKS HZ"
 *   memory TAG COUNT ARGV...          private memory outside guest RAM
 * Output: "START TAG", then "RESULT TAG VALUE ELAPSED_NS PEAK_RSS_KIB" or
 * "FAIL TAG". VALUE is nanoseconds of the subject's processor time (report: of
 * the whole system, idle time excepted, by COUNT), or bytes.
 */
#include "runner.h"

#include <fcntl.h>
#include <sched.h>
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

/* The guest's own clock between its two marks, less the idle time there. */
static int reported(const struct run *run, uint64_t *value)
{
	const struct mark *marks = run->marks;
	unsigned long long count;
	unsigned long long ticks;
	unsigned long long hertz;
	double ns;

	if (run->mark_count != 2 ||
	    sscanf(marks[1].line, "B %llu %llu %llu", &count, &ticks, &hertz) !=
		    3 || !count || !hertz) {
		return -1;
	}
	ns = (double)ticks * 1e9 / (double)hertz -
	     (double)(marks[1].at.idle - marks[0].at.idle);
	*value = (uint64_t)(ns / (double)count);
	return 0;
}

static int timed_value(const struct step *step, struct run *run,
		       struct result *result)
{
	result->peak_rss_kib = run->peak_rss_kib;
	result->elapsed = run->end.elapsed - run->start.elapsed;
	if (!strcmp(step->kind, "report")) {
		return reported(run, &result->value);
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
	} else if (count > 3) {
		struct step step = { words[0], words[1], atoi(words[2]),
				     words + 3 };

		run_step(&step);
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
