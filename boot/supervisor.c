/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1. It runs no guest, so that no guest's fault is a kernel panic. It
 * mounts what a partition needs, forks one process for each, reaps them and
 * starts them anew by the config's policy.
 */
#include "boot/supervisor.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/reboot.h>

#include "boot/bind.h"
#include "boot/partition.h"
#include "boot/slot.h"
#include "core/config.h"
#include "core/identity.h"
#include "core/log.h"
#include "core/sys.h"

#define STABLE_SECONDS 60 /* after which earlier failures are forgotten */
#define MAX_BACKOFF_MS 10000 /* doubling ends here */
#define UP_SECONDS 5 /* without an end of a partition: all are up */

struct child {
	int pid; /* 0: ended for good */
	unsigned failures; /* in a row */
	int64_t started; /* CLOCK_MONOTONIC seconds */
};

static struct child children[CONFIG_MAX_PARTITIONS];

static int64_t uptime(void)
{
	struct sys_timespec now = { 0, 0 };

	return sys_clock_gettime(SYS_CLOCK_MONOTONIC, &now) < 0 ? 0 : now.sec;
}

/* -- The board ----------------------------------------------------------- */

static void mount(const char *type, const char *target)
{
	long ret;

	sys_mkdir(target, 0755);
	ret = sys_mount(type, target, type);
	if (ret < 0 && ret != -EBUSY) {
		log_line("mount %s on %s: error %ld; build the host kernel "
			 "with it",
			 type, target, ret);
	}
}

static void open_console(void)
{
	long fd = sys_open(config_board.console, O_RDWR | O_NOCTTY);
	int to;

	if (fd < 0) {
		log_line("console %s: error %ld; correct BOARD_CONSOLE",
			 config_board.console, fd);
		return;
	}
	for (to = 0; to <= 2; to++) {
		if (fd != to && sys_dup3((int)fd, to, 0) < 0) {
			log_line("console %s: cannot become fd %d",
				 config_board.console, to);
		}
	}
	if (fd > 2) {
		sys_close((int)fd);
	}
}

__attribute__((noreturn)) static void end_board(unsigned command)
{
	long ret;

	sys_sync();
	ret = sys_reboot(command);
	/* Returning would be a kernel panic: "Attempted to kill init". */
	log_line("reboot(0x%x) failed (%ld); waiting for a power cycle",
		 command, ret);
	for (;;) {
		const struct sys_timespec hour = { 3600, 0 };

		sys_nanosleep(&hour);
	}
}

/* -- The slot of a flash disk -------------------------------------------- */

/*
 * The guests are up when none has ended for UP_SECONDS. A process that only
 * sleeps says when, so that one wait serves for all.
 */
static int up_timer; /* 0: none */
static unsigned endings, endings_before;

static void start_up_timer(void)
{
	const struct sys_timespec wait = { UP_SECONDS, 0 };
	long pid;

	if (slot_booted() == 0) {
		return;
	}
	pid = sys_fork();
	if (pid == 0) {
		sys_nanosleep(&wait);
		sys_exit(0);
	}
	if (pid < 0) {
		log_line("fork failed (%ld); the slot is not confirmed", pid);
		pid = 0;
	}
	up_timer = (int)pid;
	endings_before = endings;
}

static void end_up_timer(void)
{
	if (endings == endings_before) {
		up_timer = 0;
		slot_confirm();
	} else {
		start_up_timer();
	}
}

/* -- Partitions ---------------------------------------------------------- */

/* In the child: the host core and the class of scheduling that it runs with. */
static void place(const struct config_partition *partition)
{
	long ret = sys_set_affinity(partition->cpu);

	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "%s: host cpu %u refused (%ld); correct "
			  "CFG_PARTITIONS",
			  partition->name, partition->cpu, ret);
	}
	if (partition->fifo_priority > 0) {
		ret = sys_set_fifo(partition->fifo_priority);
		if (ret < 0) {
			log_fatal(EXIT_HOST,
				  "%s: SCHED_FIFO %d refused (%ld); "
				  "correct CFG_PARTITIONS",
				  partition->name, partition->fifo_priority,
				  ret);
		}
	}
}

static void start(unsigned index)
{
	long pid = sys_fork();

	if (pid == 0) {
		place(&config_partitions[index]);
		partition_run(index, 1);
	}
	if (pid < 0) {
		log_line("%s: fork failed (%ld)", config_partitions[index].name,
			 pid);
		end_board(LINUX_REBOOT_CMD_RESTART);
	}
	identity_mark_used(index);
	children[index].pid = (int)pid;
	children[index].started = uptime();
}

__attribute__((noreturn)) static void fail_board(void)
{
	static const unsigned commands[] = {
		[FAIL_HALT] = LINUX_REBOOT_CMD_HALT,
		[FAIL_REBOOT] = LINUX_REBOOT_CMD_RESTART,
		[FAIL_POWEROFF] = LINUX_REBOOT_CMD_POWER_OFF,
	};

	end_board(commands[config_board.failure_action]);
}

static void back_off(const struct config_partition *partition,
		     unsigned failures)
{
	uint64_t ms = partition->backoff_ms;
	struct sys_timespec wait;

	while (--failures > 0 && ms < MAX_BACKOFF_MS) {
		ms *= 2;
	}
	wait.sec = (int64_t)(ms / 1000);
	wait.nsec = (int64_t)(ms % 1000) * 1000000;
	sys_nanosleep(&wait);
}

static void restart_failed(unsigned index, int signal, int code)
{
	const struct config_partition *partition = &config_partitions[index];
	struct child *child = &children[index];

	if (uptime() - child->started >= STABLE_SECONDS) {
		child->failures = 0;
	}
	child->failures++;
	if (child->failures > partition->max_restarts) {
		log_line("%s: failed %u times in a row (signal %d, code %d); "
			 "the board's failure action follows",
			 partition->name, child->failures, signal, code);
		fail_board();
	}
	log_line("%s: failed (signal %d, code %d), restart %u of %u",
		 partition->name, signal, code, child->failures,
		 partition->max_restarts);
	back_off(partition, child->failures);
	start(index);
}

static void ended(unsigned index, int status)
{
	int signal = status & 0x7f;
	int code = status >> 8 & 0xff;

	children[index].pid = 0;
	endings++;
	if (signal == 0 && (code == EXIT_POWEROFF || code == EXIT_QUIT)) {
		return;
	}
	if (signal == 0 && code == EXIT_GUEST_RESET) {
		start(index);
		return;
	}
	restart_failed(index, signal, code);
}

static int any_left(void)
{
	unsigned i;

	for (i = 0; i < config_partition_count; i++) {
		if (children[i].pid != 0) {
			return 1;
		}
	}
	return 0;
}

void supervisor_run(void)
{
	unsigned i;

	mount("devtmpfs", "/dev");
	mount("proc", "/proc");
	mount("sysfs", "/sys");
	open_console();
	BUG_ON(config_partition_count > CONFIG_MAX_PARTITIONS);
	log_line("%s on %s, %u partition(s)", config_name, config_board.name,
		 config_partition_count);
	bind_devices();
	/* It takes all hugepages for a moment: no partition may want any. */
	for (i = 0; i < config_partition_count; i++) {
		identity_hold(i);
	}
	for (i = 0; i < config_partition_count; i++) {
		start(i);
	}
	start_up_timer();
	while (any_left()) {
		int status = 0;
		long pid = sys_wait(-1, &status, 0);

		if (pid > 0 && up_timer == (int)pid) {
			end_up_timer();
		}
		for (i = 0; i < config_partition_count; i++) {
			if (pid > 0 && children[i].pid == (int)pid) {
				ended(i, status);
			}
		}
	}
	log_line("all partitions have powered off, so does the board");
	end_board(LINUX_REBOOT_CMD_POWER_OFF);
}
