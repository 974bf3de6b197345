/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1. It runs no guest, so that no guest's fault is a kernel panic. It
 * mounts what a partition needs, forks one process for each, reaps them and
 * starts them anew by the config's policy. It never waits for one of them: the
 * others, and the watchdog, have a claim to its time.
 */
#include "boot/supervisor.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/reboot.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include <stddef.h>

#include "boot/bind.h"
#include "boot/health.h"
#include "boot/last.h"
#include "boot/partition.h"
#include "boot/slot.h"
#include "core/config.h"
#include "core/identity.h"
#include "core/log.h"
#include "core/stamp.h"
#include "core/status.h"
#include "core/sys.h"
#include "dev/shared.h"

#define STABLE_MS 60000 /* after which earlier failures are forgotten */
#define MAX_BACKOFF_MS 10000 /* doubling ends here */
#define SIGNAL(n) (1ull << ((n)-1))
#define OWN_SIGNALS (SIGNAL(SIGCHLD) | SIGNAL(SIGUSR2))
#define NEVER INT64_MAX
#define LOOK_MS 1000 /* at guests of which the slot waits to be up */

/* Times are CLOCK_MONOTONIC milliseconds. */
static struct child {
	int pid; /* 0: down */
	unsigned failures; /* in a row */
	int64_t started;
	int64_t restart_at; /* NEVER: it runs, or has ended for good */
	int stopped; /* by its failure action */
} children[CONFIG_MAX_PARTITIONS];

/* A clock that fails stands still: 0 would be long before all that is due. */
static int64_t now_ms(void)
{
	static struct sys_timespec now;

	(void)!sys_clock_gettime(SYS_CLOCK_MONOTONIC, &now);
	return now.sec * 1000 + now.nsec / 1000000;
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

	if (command != LINUX_REBOOT_CMD_RESTART) {
		health_end();
	}
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
	} else {
		/* Until KVM's workers have nothing more to do for the start. */
		sys_set_urgent(1);
	}
}

static void failed(unsigned index, int signal, int code);

static void start(unsigned index)
{
	struct child *child = &children[index];
	long pid;

	status_of(index)->beats = 0;
	child->started = now_ms();
	child->restart_at = NEVER;
	pid = sys_fork();
	if (pid == 0) {
		health_leave();
		shared_leave(index);
		place(&config_partitions[index]);
		partition_run(index, 1);
	}
	if (pid < 0) {
		log_line("%s: fork failed (%ld)", config_partitions[index].name,
			 pid);
		failed(index, 0, EXIT_HOST);
		return;
	}
	identity_mark_used(index);
	child->pid = (int)pid;
	health_started(index, child->pid, child->started);
}

static void restart(unsigned index)
{
	status_of(index)->restarts++;
	start(index);
}

static int64_t back_off_ms(const struct config_partition *partition,
			   unsigned failures)
{
	int64_t ms = partition->backoff_ms;

	while (--failures > 0 && ms < MAX_BACKOFF_MS) {
		ms *= 2;
	}
	return ms;
}

/* The last restart was not enough: the partition ends, or all do. */
static void give_up(unsigned index, int signal, int code)
{
	static const unsigned commands[] = {
		[FAIL_HALT] = LINUX_REBOOT_CMD_HALT,
		[FAIL_REBOOT] = LINUX_REBOOT_CMD_RESTART,
		[FAIL_POWEROFF] = LINUX_REBOOT_CMD_POWER_OFF,
	};
	const struct config_partition *partition = &config_partitions[index];
	int alone = partition->failure_action == FAIL_STOP;

	log_line("%s%s: failed %u times in a row (signal %d, code %d); %s",
		 alone ? "" : LAST_FAILURE, partition->name,
		 children[index].failures, signal, code,
		 alone ? "it stays down" :
			 "the board's failure action follows");
	children[index].stopped = 1;
	if (!alone) {
		end_board(commands[partition->failure_action]);
	}
}

static void failed(unsigned index, int signal, int code)
{
	const struct config_partition *partition = &config_partitions[index];
	struct child *child = &children[index];

	if (now_ms() - child->started >= STABLE_MS) {
		child->failures = 0;
	}
	child->failures++;
	if (child->failures > partition->max_restarts) {
		give_up(index, signal, code);
		return;
	}
	log_line("%s: failed (signal %d, code %d), restart %u of %u",
		 partition->name, signal, code, child->failures,
		 partition->max_restarts);
	child->restart_at = now_ms() + back_off_ms(partition, child->failures);
}

static void ended(unsigned index, int status)
{
	int signal = status & 0x7f;
	int code = status >> 8 & 0xff;

	children[index].pid = 0;
	health_started(index, 0, 0);
	if (signal == 0 && (code == EXIT_POWEROFF || code == EXIT_QUIT)) {
		return;
	}
	if (signal == 0 && code == EXIT_GUEST_RESET &&
	    now_ms() - children[index].started >= config_board.reset_ms) {
		restart(index);
		return;
	}
	failed(index, signal, code);
}

static void reap(void)
{
	int status = 0;
	long pid;
	unsigned i;

	while ((pid = sys_wait(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < config_partition_count; i++) {
			if (children[i].pid == (int)pid) {
				ended(i, status);
				break;
			}
		}
	}
}

/* Starts who is to be started by now; when the next one is. */
static int64_t start_due(int64_t now)
{
	int64_t next = NEVER;
	unsigned i;

	for (i = 0; i < config_partition_count; i++) {
		if (children[i].restart_at <= now) {
			restart(i);
		}
		if (children[i].restart_at < next) {
			next = children[i].restart_at;
		}
	}
	return next;
}

/* Each partition prints its line; who is down has none but this. */
static void show_status(void)
{
	unsigned i;

	for (i = 0; i < config_partition_count; i++) {
		if (children[i].pid != 0) {
			sys_kill(children[i].pid, SIGUSR2);
		} else {
			log_line("%s: down, restarts %llu",
				 config_partitions[i].name,
				 (unsigned long long)status_of(i)->restarts);
		}
	}
}

/* A critical one that is down for good is the watchdog's to end. */
static int any_left(void)
{
	unsigned i;

	for (i = 0; i < config_partition_count; i++) {
		if (children[i].pid != 0 || children[i].restart_at != NEVER ||
		    (children[i].stopped &&
		     config_partitions[i].answer_ms != 0)) {
			return 1;
		}
	}
	return 0;
}

static int any_stopped(void)
{
	unsigned i = 0;

	while (i < config_partition_count && !children[i].stopped) {
		i++;
	}
	return i < config_partition_count;
}

/* A death, the status key, or at the latest that time. */
static void await(int64_t until)
{
	static const struct sys_timespec pause = { 0, 10 * 1000000 };
	int64_t ms = until - now_ms();
	const struct sys_timespec wait = { ms / 1000, ms % 1000 * 1000000 };
	long signal = 0;

	if (ms > 0) {
		signal = sys_await_signal(OWN_SIGNALS,
					  until == NEVER ? NULL : &wait);
	}
	if (signal == SIGUSR2) {
		show_status();
	} else if (signal < 0 && now_ms() < until) {
		sys_nanosleep(&pause); /* it does not wait: look by and by */
	}
}

/* The slot is good once the guests are up; when to look again. */
static int64_t confirm_slot(int64_t now)
{
	static int done;

	if (!done && slot_booted() != 0) {
		if (!health_up(now)) {
			return now + LOOK_MS;
		}
		slot_confirm();
	}
	done = 1;
	return NEVER;
}

static void prepare_board(void)
{
	long ret;

	mount("devtmpfs", "/dev");
	mount("proc", "/proc");
	mount("sysfs", "/sys");
	open_console();
	last_report();
	BUG_ON(config_partition_count > CONFIG_MAX_PARTITIONS);
	log_line("%s on %s, %u partition(s); version %s, config %s, %s",
		 config_name, config_board.name, config_partition_count,
		 stamp_version, stamp_checksum, stamp_toolchain);
	/* Partitions are born with these blocked, and open them in order. */
	(void)!sys_sigmask(SIG_BLOCK, OWN_SIGNALS | SIGNAL(SIGUSR1));
	ret = status_init();
	if (ret < 0) {
		log_line("status pages: cannot be mapped (%ld); give the host "
			 "more memory",
			 ret);
		end_board(LINUX_REBOOT_CMD_RESTART);
	}
	ret = shared_init();
	if (ret < 0) {
		log_line("shared memory of CFG_MEMORY: cannot be made (%ld); "
			 "give the host more memory, or its kernel memfd and "
			 "eventfd",
			 ret);
		end_board(LINUX_REBOOT_CMD_RESTART);
	}
	bind_devices();
}

void supervisor_run(void)
{
	unsigned i;

	prepare_board();
	/* It takes all hugepages for a moment: no partition may want any. */
	for (i = 0; i < config_partition_count; i++) {
		identity_hold(i);
	}
	if (health_init() < 0) {
		log_line("nothing is started without the watchdog");
		end_board(LINUX_REBOOT_CMD_HALT);
	}
	for (i = 0; i < config_partition_count; i++) {
		start(i);
	}
	while (any_left()) {
		int64_t now = now_ms();
		int64_t next = start_due(now);
		int64_t check = health_check(now);
		int64_t look = confirm_slot(now);

		if (look < next) {
			next = look;
		}
		await(check < next ? check : next);
		reap();
	}
	log_line(any_stopped() ? LAST_FAILURE "no partition is left" :
				 LAST_ORDER ", so does the board");
	end_board(LINUX_REBOOT_CMD_POWER_OFF);
}
