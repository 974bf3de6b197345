/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1's time: restarts that are due, partitions that must answer, a watchdog
 * that bites. A small world of partitions runs in the fake's clock, by a script
 * of what happens to them.
 */
#include <linux/errno.h>
#include <linux/reboot.h>
#include <linux/signal.h>
#include <stdio.h>
#include <string.h>

#include "boot/health.h"
#include "boot/supervisor.h"
#include "core/config.h"
#include "core/log.h"
#include "core/status.h"
#include "test/unit/fake.h"

#define RAM 0x40000000ull
#define EXITED(code) ((code) << 8)
#define CRASHED EXITED(EXIT_GUEST_CRASH)
#define RESET EXITED(EXIT_GUEST_RESET)
#define RESET_MS 500
#define SECONDS 4 /* of the watchdog */
#define FED_EVERY (SECONDS * 1000 / 4)
#define BEAT_MS 200

/* -- A config of this test's own ----------------------------------------- */

static const char payload[4096];
const char config_name[] = "watched";
const struct config_board config_board = {
	.name = "board",
	.ipa_bits = 40,
	.page_size = 4096,
	.hugepage_size = 0x200000,
	.console = "/dev/ttyAMA0",
	.status_key = 0x1e,
	.watchdog_seconds = SECONDS,
	.reset_ms = RESET_MS,
};
#define PARTITION(label, restarts, backoff, action, answer)             \
	{                                                               \
		.name = label, .max_restarts = (restarts),              \
		.backoff_ms = (backoff), .failure_action = (action),    \
		.answer_ms = (answer),                                  \
		.gic = { GIC_V3, 32, 0x08000000, 0x080a0000, 0 },       \
		.ram = { { RAM, 0x200000, RAM_LAZY } },                 \
		.image = { payload, sizeof(payload), RAM + 0x80000 },   \
		.initrd = { payload, 0, RAM + 0x81000 }, .cmdline = "", \
		.entry_gpa = RAM + 0x80000, .fdt_gpa = RAM + 0x90000,   \
		.fdt_size = 0x10000,                                    \
	}
enum {
	ONE,
	TWO,
	THREE,
	FOUR,
	PARTITIONS
};
const struct config_partition config_partitions[] = {
	PARTITION("one", 3, 100, FAIL_REBOOT, 1000),
	PARTITION("two", 1, 100, FAIL_STOP, 0),
	PARTITION("three", 2, 2500, FAIL_POWEROFF, 1000),
	PARTITION("four", 0, 100, FAIL_HALT, 0),
};
const unsigned config_partition_count = PARTITIONS;
const struct config_device config_devices[] = {
	{ .name = "status0",
	  .kind = DEVICE_STATUS,
	  .partition = THREE,
	  .gpa = 0x0b000000,
	  .size = 0x1000 },
};
const unsigned config_device_count = 1;
const struct config_bridge config_bridges[1];
const unsigned config_bridge_count;
const uint64_t config_memories[1];
const unsigned config_memory_count;
const struct config_soc_region config_soc_regions[1];
const unsigned config_soc_region_count;
const struct config_soc_line config_soc_lines[1];
const unsigned config_soc_line_count;
const struct config_soc_write config_soc_quiesce[1];
const unsigned config_soc_quiesce_count;

/* -- The world ------------------------------------------------------------ */

enum act {
	ENDS, /* its process, with that status */
	DEAF, /* its process answers no more */
	HEARS,
	BEATS, /* its guest, from now on */
	RESTS,
	KEY, /* somebody asks PID 1 for the status */
	NOTHING,
};

struct event {
	int at; /* milliseconds after the start; ascending */
	enum act act;
	int which;
	int status;
};

static const struct event *script;
static unsigned next, count;
static int64_t began, beaten;
static int key; /* was pressed */
static int start_ms; /* that a process takes to begin, but the first one */
static int next_pid;

static struct process {
	int pid, dead, status, deaf, beats, begun;
	unsigned starts, asked, shown; /* SIGUSR1, SIGUSR2 */
	unsigned waiting; /* SIGUSR1, once */
	int64_t started[32];
} processes[PARTITIONS];

static int64_t clock_ms(void)
{
	const struct sys_timespec *now = &fake.clock[SYS_CLOCK_MONOTONIC];

	return now->sec * 1000 + now->nsec / 1000000 - began;
}

static int logged(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	return strstr(fake.log, text) != NULL;
}

static void happens(const struct event *event)
{
	struct process *process = &processes[event->which];

	switch (event->act) {
	case ENDS:
		assert_int_not_equal(process->pid, 0);
		process->dead = 1;
		process->status = event->status;
		break;
	case DEAF:
	case HEARS:
		process->deaf = event->act == DEAF;
		break;
	case BEATS:
	case RESTS:
		process->beats = event->act == BEATS;
		break;
	case KEY:
		key = 1;
		break;
	default:
		break;
	}
}

static int64_t begins_at(const struct process *process)
{
	return process->started[(process->starts - 1) % 32] +
	       (process->starts > 1 ? start_ms : 0);
}

/* Its page is that of the process before it until then, and no signal seen. */
static void begin(unsigned which)
{
	struct process *process = &processes[which];

	process->begun = 1;
	status_of(which)->beats = 0;
	status_of(which)->answers += process->waiting;
	process->waiting = 0;
}

/* Time has passed: guests beat, and the script goes on. */
static void passed(void)
{
	int64_t now = clock_ms();
	unsigned i;

	for (i = 0; i < PARTITIONS; i++) {
		if (processes[i].pid != 0 && !processes[i].begun &&
		    now >= begins_at(&processes[i])) {
			begin(i);
		}
	}
	for (; beaten + BEAT_MS <= now; beaten += BEAT_MS) {
		for (i = 0; i < PARTITIONS; i++) {
			status_of(i)->beats += (unsigned)processes[i].beats;
		}
	}
	while (next < count && script[next].at <= now) {
		happens(&script[next++]);
	}
	/* The script is over, and all who run power off. */
	for (i = 0; i < PARTITIONS && next == count; i++) {
		if (processes[i].pid != 0 && !processes[i].dead) {
			processes[i].dead = 1;
			processes[i].status = EXITED(EXIT_POWEROFF);
		}
	}
}

static int fork_one(void)
{
	static const int first[] = { ONE, TWO, THREE, FOUR };
	unsigned i;

	/* At the start each in turn, then who is due, by the order of rows. */
	for (i = 0; i < PARTITIONS; i++) {
		struct process *process = &processes[first[i]];

		if (process->pid == 0 &&
		    (process->starts == 0 || process->status == RESET ||
		     process->status == CRASHED)) {
			process->pid = ++next_pid;
			process->deaf = process->beats = process->dead = 0;
			process->begun = 0;
			process->started[process->starts++ % 32] = clock_ms();
			return process->pid;
		}
	}
	fail_msg("nobody is down");
	return -ENOSYS;
}

static int dead_one(void)
{
	int i = 0;

	while (i < PARTITIONS && !processes[i].dead) {
		i++;
	}
	return i;
}

static int wait_one(int *status)
{
	int which = dead_one();
	int pid;

	if (which == PARTITIONS) {
		return 0;
	}
	pid = processes[which].pid;
	*status = processes[which].status;
	processes[which].dead = processes[which].pid = 0;
	fake.child_signal = dead_one() < PARTITIONS;
	return pid;
}

static long send(int pid, int sig)
{
	int i = 0;

	while (i < PARTITIONS && processes[i].pid != pid) {
		i++;
	}
	assert_in_range(i, 0, PARTITIONS - 1);
	if (sig == SIGUSR2) {
		processes[i].shown++;
		return 0;
	}
	assert_int_equal(sig, SIGUSR1);
	processes[i].asked++;
	if (processes[i].begun) {
		status_of((unsigned)i)->answers += !processes[i].deaf;
	} else {
		processes[i].waiting = 1;
	}
	return 0;
}

static long pending(void)
{
	if (key) {
		key = 0;
		return SIGUSR2;
	}
	if (dead_one() < PARTITIONS) {
		fake.child_signal = 1;
		return SIGCHLD;
	}
	return 0;
}

/* In steps of the world's smallest, up to the limit. */
static long await(uint64_t mask, const struct sys_timespec *timeout)
{
	static const struct sys_timespec step = { 0, 10000000 };
	int64_t until = timeout ? clock_ms() + timeout->sec * 1000 +
					  timeout->nsec / 1000000 :
				  INT64_MAX;

	assert_int_equal(mask, 1ull << (SIGCHLD - 1) | 1ull << (SIGUSR2 - 1));
	fake.sleeps++;
	for (;;) {
		long signal = pending();

		if (signal != 0 || clock_ms() >= until) {
			return signal != 0 ? signal : -EAGAIN;
		}
		fake_pass(&step);
	}
}

static void world(const struct event *events, unsigned n)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_one;
	fake.wait = wait_one;
	fake.await = await;
	fake.passed = passed;
	fake.kill = send;
	began = 0;
	began = clock_ms();
	script = events;
	count = n;
	next_pid = 100;
}

#define WORLD(events) world(events, sizeof(events) / sizeof((events)[0]))
#define RUN(events)                      \
	({                               \
		WORLD(events);           \
		EXITS(supervisor_run()); \
	})

static void is_off(int end)
{
	if (end != FAKE_REBOOTED ||
	    fake.reboot_command != LINUX_REBOOT_CMD_POWER_OFF) {
		fail_msg("ended with %d at %lld ms:\n%s", end,
			 (long long)clock_ms(), fake.log);
	}
	assert_int_equal(fake.watchdog.armed, 0);
	assert_true(fake.watchdog.magic);
}

static void is_bitten(int end, int after, int before)
{
	if (end != FAKE_BITTEN) {
		fail_msg("ended with %d at %lld ms:\n%s", end,
			 (long long)clock_ms(), fake.log);
	}
	assert_in_range(clock_ms(), after, before);
}

/* -- The watchdog -------------------------------------------------------- */

static void fed_while_all_answer(void)
{
	static const struct event events[] = { { 60000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_in_range(fake.watchdog.feeds, 60, 62); /* one is the "V" */
	assert_in_range(fake.watchdog.longest_gap, FED_EVERY, FED_EVERY + 10);
	assert_in_range(processes[ONE].asked, 60, 61);
	assert_in_range(processes[THREE].asked, 60, 61);
	assert_int_equal(processes[TWO].asked + processes[FOUR].asked, 0);
	assert_false(logged("answer"));
	/* It sleeps in between: two deadlines a second. */
	assert_in_range(fake.sleeps, 60, 200);
}

/* Who powers off at the end does so without a bite. */
static void off_before_a_bite(void)
{
	static const struct event events[] = { { 3990, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_int_equal(fake.watchdog.last_gap % FED_EVERY, 990);
}

static void deaf_one_is_bitten(void)
{
	static const struct event events[] = { { 5500, DEAF, ONE, 0 },
					       { 60000, NOTHING, 0, 0 } };

	/* Asked at 6000, missed at 7000; last fed at 6000. */
	is_bitten(RUN(events), 10000, 10010);
	assert_true(logged("one: does not answer; the watchdog is not fed"));
	assert_false(logged("again"));
	assert_int_equal(fake.reboots, 0);
}

static void answers_again(void)
{
	static const struct event events[] = { { 5500, DEAF, ONE, 0 },
					       { 7500, HEARS, ONE, 0 },
					       { 30000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_true(logged("one: does not answer"));
	assert_true(logged("one: answers again"));
	assert_in_range(fake.watchdog.longest_gap, 3000, 3010);
}

/* One that answers does not hide one that does not. */
static void two_are_deaf(void)
{
	static const struct event events[] = { { 5500, DEAF, ONE, 0 },
					       { 5500, DEAF, THREE, 0 },
					       { 7500, HEARS, ONE, 0 },
					       { 60000, NOTHING, 0, 0 } };

	is_bitten(RUN(events), 10000, 10010);
	assert_true(logged("one: answers again"));
	assert_true(logged("three: does not answer"));
}

/* Nobody waits for those that are not critical. */
static void others_may_be_deaf(void)
{
	static const struct event events[] = { { 500, DEAF, TWO, 0 },
					       { 30000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_false(logged("answer"));
}

/* Down for 2.5 s: not fed, but it is back before the bite. */
static void restarting(void)
{
	static const struct event events[] = { { 5500, ENDS, THREE, CRASHED },
					       { 30000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_int_equal(processes[THREE].starts, 2);
	assert_in_range(processes[THREE].started[1], 8000, 8020);
	assert_true(logged("three: does not answer"));
	assert_true(logged("three: answers again"));
	/* Fed at 5000, not at 6000 to 8000. */
	assert_in_range(fake.watchdog.longest_gap, 4000 - 1000, 3999 + 10);
}

/* The second back-off is 5 s. */
static void down_for_too_long(void)
{
	static const struct event events[] = { { 5500, ENDS, THREE, CRASHED },
					       { 10500, ENDS, THREE, CRASHED },
					       { 30000, NOTHING, 0, 0 } };

	is_bitten(RUN(events), 14000, 14010);
	assert_int_equal(processes[THREE].starts, 2);
}

/* A critical one that powers off is not there any more. */
static void off_for_good(void)
{
	static const struct event events[] = {
		{ 5500, ENDS, ONE, EXITED(EXIT_POWEROFF) },
		{ 30000, NOTHING, 0, 0 },
	};

	is_bitten(RUN(events), 9000, 9010);
	assert_true(logged("one: does not answer"));
}

/* Between two looks: nobody notices, since it is up and well at both. */
static void quick_restart(void)
{
	static const struct event events[] = { { 5500, ENDS, ONE, CRASHED },
					       { 6500, ENDS, ONE, RESET },
					       { 30000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_int_equal(processes[ONE].starts, 3);
	assert_false(logged("answer"));
	assert_int_equal(fake.watchdog.longest_gap / 20, FED_EVERY / 20);
}

/* -- Beats --------------------------------------------------------------- */

static void beats_stop(void)
{
	static const struct event events[] = { { 2500, BEATS, ONE, 0 },
					       { 8500, RESTS, ONE, 0 },
					       { 60000, NOTHING, 0, 0 } };

	is_bitten(RUN(events), 13000, 13010);
	assert_true(logged("one: does not answer"));
}

/* After the first of them already. */
static void one_beat(void)
{
	static const struct event events[] = { { 2500, BEATS, ONE, 0 },
					       { 2600, RESTS, ONE, 0 },
					       { 60000, NOTHING, 0, 0 } };

	is_bitten(RUN(events), 6000, 8010);
}

static void beats_come_back(void)
{
	static const struct event events[] = {
		{ 2500, BEATS, ONE, 0 },
		{ 8500, RESTS, ONE, 0 },
		{ 10500, BEATS, ONE, 0 },
		{ 30000, NOTHING, 0, 0 },
	};

	is_off(RUN(events));
	assert_true(logged("one: answers again"));
}

/* A guest that is started anew owes nothing until it beats. */
static void beats_and_a_restart(void)
{
	static const struct event events[] = { { 2500, BEATS, ONE, 0 },
					       { 8500, ENDS, ONE, RESET },
					       { 30000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_false(logged("answer"));
}

/*
 * What the process before it has left in its page says nothing of one that has
 * not begun yet; one that takes longer than its answer may is silent.
 */
static void slow_start(int ms)
{
	static const struct event events[] = {
		{ 2500, BEATS, ONE, 0 },
		{ 7950, DEAF, ONE, 0 },
		{ 8050, ENDS, ONE, RESET },
		{ 30000, NOTHING, 0, 0 },
	};

	WORLD(events);
	start_ms = ms;
	is_off(EXITS(supervisor_run()));
	assert_int_equal(processes[ONE].starts, 2);
}

static void starts_in_time(void)
{
	slow_start(1500);
	assert_false(logged("answer"));
}

static void starts_late(void)
{
	slow_start(2500);
	assert_true(logged("one: does not answer"));
	assert_true(logged("one: answers again"));
}

/* -- Restarts ------------------------------------------------------------ */

/* Two deaths by one signal; both are due at the same time. */
static void due_together(void)
{
	static const struct event events[] = { { 5000, ENDS, ONE, CRASHED },
					       { 5000, ENDS, TWO, CRASHED },
					       { 20000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_int_equal(processes[ONE].starts, 2);
	assert_int_equal(processes[TWO].starts, 2);
	assert_in_range(processes[ONE].started[1], 5100, 5110);
	assert_int_equal(processes[ONE].started[1], processes[TWO].started[1]);
	assert_int_equal(status_of(ONE)->restarts, 1);
	assert_int_equal(status_of(TWO)->restarts, 1);
	assert_int_equal(status_of(THREE)->restarts, 0);
}

/* The others' deaths and resets are seen while one is in its back-off. */
static void others_meanwhile(void)
{
	static const struct event events[] = { { 5500, ENDS, THREE, CRASHED },
					       { 5600, ENDS, TWO, RESET },
					       { 6050, ENDS, ONE, CRASHED },
					       { 20000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_in_range(processes[TWO].started[1], 5600, 5610);
	assert_in_range(processes[ONE].started[1], 6150, 6160);
	assert_in_range(processes[THREE].started[1], 8000, 8010);
}

/* As an end that somebody asked for: at once, and as often. */
static void resets_late(void)
{
	static const struct event events[] = {
		{ RESET_MS, ENDS, TWO, RESET },
		{ 2 * RESET_MS + 10, ENDS, TWO, RESET },
		{ 3 * RESET_MS + 20, ENDS, TWO, RESET },
		{ 9000, NOTHING, 0, 0 },
	};

	is_off(RUN(events));
	assert_false(logged("failed"));
	assert_int_equal(processes[TWO].starts, 4);
}

/* A guest that never comes up. */
static void resets_early(void)
{
	static const struct event events[] = {
		{ RESET_MS - 20, ENDS, TWO, RESET },
		{ RESET_MS + 200, ENDS, TWO, RESET },
		{ 9000, NOTHING, 0, 0 },
	};

	is_off(RUN(events));
	assert_true(logged("two: failed (signal 0, code 3), restart 1 of 1"));
	assert_true(logged("two: failed 2 times in a row (signal 0, code 3); "
			   "it stays down"));
	assert_int_equal(processes[TWO].starts, 2);
}

/* FAIL_STOP: it alone, and the others go on. */
static void stays_down(void)
{
	static const struct event events[] = {
		{ 1000, ENDS, TWO, CRASHED }, { 2000, ENDS, TWO, CRASHED },
		{ 3000, KEY, 0, 0 },	      { 9000, ENDS, ONE, RESET },
		{ 20000, NOTHING, 0, 0 },
	};

	is_off(RUN(events));
	assert_true(logged("two: failed 2 times in a row (signal 0, code 2); "
			   "it stays down"));
	assert_true(logged("two: down, restarts 1"));
	assert_int_equal(processes[TWO].starts, 2);
	assert_int_equal(processes[ONE].starts, 2);
}

/* The board's end on a failure, by who has failed; what becomes of it. */
static void fails_for_all(void)
{
	static const struct event events[] = { { 5000, ENDS, FOUR, CRASHED },
					       { 9000, NOTHING, 0, 0 } };

	assert_int_equal(RUN(events), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_HALT);
	assert_int_equal(fake.watchdog.armed, 0); /* it stays halted */
}

/* A restart of the board that hangs is the watchdog's to end. */
static void restarts_the_board(void)
{
	static const struct event events[] = {
		{ 1050, ENDS, ONE, CRASHED }, { 2050, ENDS, ONE, CRASHED },
		{ 3050, ENDS, ONE, CRASHED }, { 4050, ENDS, ONE, CRASHED },
		{ 9000, NOTHING, 0, 0 },
	};

	assert_int_equal(RUN(events), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_RESTART);
	assert_int_equal(fake.watchdog.armed, 1);
	assert_int_equal(fake.watchdog.magic, 0);
}

static void hangs_in_its_restart(void)
{
	static const struct event events[] = {
		{ 1050, ENDS, ONE, CRASHED }, { 2050, ENDS, ONE, CRASHED },
		{ 3050, ENDS, ONE, CRASHED }, { 4050, ENDS, ONE, CRASHED },
		{ 9000, NOTHING, 0, 0 },
	};

	WORLD(events);
	fake.reboot_result = -EPERM;
	EXITS(supervisor_run());
	assert_int_equal(fake.exit_code, FAKE_ASLEEP);
	assert_int_equal(fake.watchdog.armed, 1);
}

/* -- Up ------------------------------------------------------------------ */

/* By a beat, from whom can; by the time since its start, from others. */
static void up(void)
{
	unsigned i;

	fake_reset();
	assert_int_equal(status_init(), 0);
	assert_int_equal(health_up(100000), 0);
	for (i = 0; i < PARTITIONS; i++) {
		health_started(i, 100 + (int)i, 1000);
	}
	assert_int_equal(health_up(100000), 0); /* "three" has not said so */
	status_of(THREE)->beats = 1;
	assert_int_equal(health_up(5999), 0);
	assert_int_equal(health_up(6000), 1);
	health_started(FOUR, 0, 0);
	assert_int_equal(health_up(100000), 0);
	health_started(FOUR, 200, 50000);
	assert_int_equal(health_up(54999), 0);
	assert_int_equal(health_up(55000), 1);
}

static void silent_is_not_up(void)
{
	unsigned i;

	fake_reset();
	assert_int_equal(status_init(), 0);
	for (i = 0; i < PARTITIONS; i++) {
		health_started(i, 100 + (int)i, 1000);
		status_of(i)->beats = 1;
	}
	(void)health_check(10000); /* asks */
	assert_int_equal(health_up(10000), 1);
	(void)health_check(11000);
	assert_int_equal(health_up(11000), 0);
	for (i = 0; i < PARTITIONS; i++) {
		status_of(i)->answers++;
		status_of(i)->beats++;
	}
	(void)health_check(12000);
	assert_int_equal(health_up(12000), 1);
}

/* -- The status key ------------------------------------------------------ */

static void status_key(void)
{
	static const struct event events[] = { { 1000, ENDS, TWO, CRASHED },
					       { 1050, KEY, 0, 0 },
					       { 1500, KEY, 0, 0 },
					       { 9000, NOTHING, 0, 0 } };

	is_off(RUN(events));
	assert_int_equal(processes[ONE].shown, 2);
	assert_int_equal(processes[TWO].shown, 1);
	assert_int_equal(processes[THREE].shown, 2);
	assert_int_equal(processes[FOUR].shown, 2);
	assert_true(logged("two: down, restarts 0"));
}

/* -- Set-up -------------------------------------------------------------- */

static void nothing_starts(const char *line)
{
	assert_int_equal(EXITS(supervisor_run()), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_HALT);
	assert_int_equal(fake.forks, 0);
	assert_true(logged(line));
	assert_true(logged("nothing is started without the watchdog"));
	assert_int_equal(fake.watchdog.armed, 0);
}

static void no_watchdog(void)
{
	world(NULL, 0);
	fake.watchdog.absent = 1;
	nothing_starts("watchdog: /dev/watchdog with 4 s: error -2; give the "
		       "host kernel its driver, or correct "
		       "CFG_WATCHDOG_SECONDS");
}

/* It is on by then: the halt would be its bite. */
static void refuses_its_time(void)
{
	world(NULL, 0);
	fake.watchdog.error = -EINVAL;
	nothing_starts("watchdog: /dev/watchdog with 4 s: error -22");
}

/*
 * A partition that had the watchdog could feed it, or, as long as it lives,
 * keep PID 1 from ending it.
 */
static int fork_child(void)
{
	return 0;
}

static void partitions_do_not_have_it(void)
{
	unsigned i;

	world(NULL, 0);
	fake.fork = fork_child;
	fake.passed = NULL;
	assert_int_equal(EXITS(supervisor_run()), EXIT_POWEROFF);
	for (i = 0; i < FAKE_FDS; i++) {
		assert_int_not_equal(fake.fds[i].kind, FAKE_WATCHDOG);
	}
}

/* SIGUSR1 to a partition that does not open it yet must not end it. */
static void signals_wait(void)
{
	const uint64_t ours = 1ull << (SIGUSR1 - 1) | 1ull << (SIGUSR2 - 1) |
			      1ull << (SIGCHLD - 1);

	world(NULL, 0);
	fake.fork = fork_child;
	fake.passed = NULL;
	fake.kill = NULL;
	EXITS(supervisor_run());
	assert_int_equal(fake.blocked & ours, ours);
}

/* -- Calls that fail ----------------------------------------------------- */

static const struct event quiet[] = { { 20000, NOTHING, 0, 0 } };

static long no_kill(int pid, int sig)
{
	return sig == SIGUSR1 && clock_ms() >= 5500 ? -EPERM : send(pid, sig);
}

/* Who cannot be asked has not answered. */
static void cannot_ask(void)
{
	WORLD(quiet);
	fake.kill = no_kill;
	is_bitten(EXITS(supervisor_run()), 10000, 10010);
	assert_true(logged("one: does not answer"));
}

static long no_await(uint64_t mask, const struct sys_timespec *timeout)
{
	(void)timeout;
	assert_true(mask != 0);
	fake.order_count++;
	fake.child_signal = dead_one() < PARTITIONS;
	return fake.order_count % 2 ? -EINVAL : -EINTR;
}

/* Without sigtimedwait() PID 1 looks now and then, at little cost. */
static void cannot_await(void)
{
	static const struct event events[] = { { 5000, ENDS, ONE, CRASHED },
					       { 20000, NOTHING, 0, 0 } };

	WORLD(events);
	fake.await = no_await;
	is_off(EXITS(supervisor_run()));
	assert_int_equal(processes[ONE].starts, 2);
	assert_in_range(processes[ONE].started[1], 5100, 5300);
	assert_true(fake.watchdog.longest_gap < 1500);
	assert_in_range(fake.order_count, 20, 20 * 110);
}

static long stop_clock(uint64_t mask, const struct sys_timespec *timeout)
{
	fake.order_count++;
	fake.clock_error = clock_ms() > 5500 ? -EIO : 0;
	return await(mask, timeout);
}

/* Nothing is due any more without a clock: the watchdog ends that. */
static void no_clock(void)
{
	WORLD(quiet);
	fake.await = stop_clock;
	is_bitten(EXITS(supervisor_run()), 7000, 10010);
	assert_in_range(fake.order_count, 5, 100);
}

struct fault {
	unsigned n;
	long error;
};

static void one_fault(void *arg)
{
	static const struct event events[] = { { 1000, ENDS, TWO, CRASHED },
					       { 1050, KEY, 0, 0 },
					       { 1100, ENDS, ONE, RESET },
					       { 9000, NOTHING, 0, 0 } };
	const struct fault *fault = arg;
	int end;

	WORLD(events);
	fake.fail_at = fault->n;
	fake.fail_with = fault->error;
	end = EXITS(supervisor_run());
	/* The frame takes the next start for that of the one not forked. */
	if (end == FAKE_BITTEN && logged("fork failed")) {
		return;
	}
	if (end != FAKE_REBOOTED && end != FAKE_ASLEEP) {
		fail_msg("call %u, %s(%s), error %ld: PID 1 ends with %d at "
			 "%lld ms",
			 fault->n, fake.failed, fake.failed_detail,
			 fault->error, end, (long long)clock_ms());
	}
	if (fake.forks > 0 && !logged("fork failed")) {
		assert_int_equal(processes[ONE].starts, 2);
		assert_int_equal(processes[TWO].starts, 2);
		assert_in_range(clock_ms(), 9000, 9100);
	}
}

/* One that fails is no reason for a bite, nor for a partition that is lost. */
static void each_call_fails(void)
{
	static const long errors[] = { -EIO, -EINTR, -EAGAIN };
	struct fault fault;
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fault.error = errors[i];
		for (fault.n = 1; fault.n <= 250; fault.n++) {
			bad += unit_child(one_fault, &fault) != 0;
		}
	}
	assert_int_equal(bad, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(fed_while_all_answer),
	TEST(off_before_a_bite),
	TEST(deaf_one_is_bitten),
	TEST(answers_again),
	TEST(two_are_deaf),
	TEST(others_may_be_deaf),
	TEST(restarting),
	TEST(down_for_too_long),
	TEST(off_for_good),
	TEST(quick_restart),
	TEST(beats_stop),
	TEST(one_beat),
	TEST(beats_come_back),
	TEST(beats_and_a_restart),
	TEST(up),
	TEST(silent_is_not_up),
	TEST(starts_in_time),
	TEST(starts_late),
	TEST(due_together),
	TEST(others_meanwhile),
	TEST(resets_late),
	TEST(resets_early),
	TEST(stays_down),
	TEST(fails_for_all),
	TEST(restarts_the_board),
	TEST(hangs_in_its_restart),
	TEST(status_key),
	TEST(no_watchdog),
	TEST(refuses_its_time),
	TEST(partitions_do_not_have_it),
	TEST(signals_wait),
	TEST(cannot_ask),
	TEST(cannot_await),
	TEST(no_clock),
	TEST(each_call_fails),
};

UNIT_MAIN("health", tests)
