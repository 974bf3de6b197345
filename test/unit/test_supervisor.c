/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1: mounts, console, restarts by policy, the board's failure action. */
#include <linux/errno.h>
#include <linux/reboot.h>
#include <string.h>

#include "boot/supervisor.h"
#include "core/config.h"
#include "core/log.h"
#include "test/unit/fake.h"

#define RAM 0x40000000ull
#define SIGKILL_STATUS 9
#define SIGSEGV_STATUS 11
#define EXITED(code) ((code) << 8)

/* -- A config of this test's own ----------------------------------------- */

static const char payload[4096];
const char config_name[] = "supervised";
const struct config_board config_board = {
	.name = "board",
	.ipa_bits = 40,
	.page_size = 4096,
	.hugepage_size = 0x200000,
	.console = "/dev/ttyAMA0",
	.quit_key = 0x1d,
};
#define PARTITION(label, cores, fifo, restarts)                         \
	{                                                               \
		.name = label, .cpu = (cores), .fifo_priority = (fifo), \
		.max_restarts = (restarts), .backoff_ms = 100,          \
		.failure_action = FAIL_REBOOT,                          \
		.gic = { GIC_V3, 32, 0x08000000, 0x080a0000, 0 },       \
		.ram = { { RAM, 0x200000, RAM_LAZY } },                 \
		.image = { payload, sizeof(payload), RAM + 0x80000 },   \
		.initrd = { payload, 0, RAM + 0x81000 }, .cmdline = "", \
		.entry_gpa = RAM + 0x80000, .fdt_gpa = RAM + 0x90000,   \
		.fdt_size = 0x10000,                                    \
	}
const struct config_partition config_partitions[] = {
	PARTITION("one", 1, 5, 3),
	PARTITION("two", 0, 0, 100),
};
const unsigned config_partition_count = 2;
static const struct config_device uart = {
	.name = "uart0",
	.gpa = 0x09000000,
	.size = 0x1000,
	.spi = 1,
	.kind = DEVICE_PL011,
	.path = "",
};
const struct config_device config_devices[] = { uart };
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

/* -- A script of deaths --------------------------------------------------- */

struct death {
	int which; /* partition */
	int status;
	int after; /* seconds later */
};

static const struct death *script;
static unsigned at, count;
static int next_pid, pid_of[2];
static unsigned starts;

/* The supervisor forks partition 0, then 1, then whoever ended last. */
static int fork_one(void)
{
	int which = starts < 2 ? (int)starts : script[at - 1].which;

	starts++;
	pid_of[which] = ++next_pid;
	return next_pid;
}

static int wait_one(int *status)
{
	int pid;

	if (at == count) {
		/* The end of the script: both power off. */
		static int left;

		for (left = 0; left < 2; left++) {
			if (pid_of[left] != 0) {
				pid = pid_of[left];
				pid_of[left] = 0;
				*status = EXITED(EXIT_POWEROFF);
				return pid;
			}
		}
		fail_msg("waits, but all partitions are gone");
	}
	fake.clock[SYS_CLOCK_MONOTONIC].sec += script[at].after;
	pid = pid_of[script[at].which];
	pid_of[script[at].which] = 0;
	*status = script[at].status;
	at++;
	return pid;
}

static int run(const struct death *deaths, unsigned n)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_one;
	fake.wait = wait_one;
	script = deaths;
	count = n;
	at = starts = 0;
	next_pid = 100;
	return EXITS(supervisor_run());
}

#define RUN(deaths) run(deaths, sizeof(deaths) / sizeof((deaths)[0]))

static int logged(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	return strstr(fake.log, text) != NULL;
}

/* -- Start --------------------------------------------------------------- */

static void powers_the_board_off(void)
{
	assert_int_equal(run(NULL, 0), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
	assert_int_equal(fake.reboots, 1);
	assert_int_equal(fake.syncs, 1);
	assert_int_equal(starts, 2);
	assert_int_equal(fake.sleeps, 0);
	assert_true(logged("all partitions have powered off"));
}

static void prepares_the_board(void)
{
	run(NULL, 0);
	assert_true(fake.mounts >= 3); /* /dev, /proc, /sys */
	assert_int_equal(fake.dup_count, 3);
	assert_memory_equal(fake.dups, "\0\1\2", 3);
	assert_true(logged("supervised on board, 2 partition(s); "
			   "version unit, config 01234567, gcc 0"));
}

/* No descriptor of the console is left over for the partitions. */
static void console_is_closed(void)
{
	unsigned i;

	run(NULL, 0);
	for (i = 3; i < FAKE_FDS; i++) {
		assert_int_equal(fake.fds[i].kind, FAKE_CLOSED);
	}
}

/* Mounted already (an initramfs with a kernel that mounts /dev): fine. */
static void mount_fails(long error, int line)
{
	unsigned before;

	fake_reset();
	fake.pid = 1;
	fake.fork = fork_one;
	fake.wait = wait_one;
	script = NULL;
	count = at = starts = 0;
	next_pid = 100;
	fake.fail_at = 2; /* mkdir, mount */
	fake.fail_with = error;
	assert_int_equal(EXITS(supervisor_run()), FAKE_REBOOTED);
	assert_string_equal(fake.failed, "sys_mount");
	before = (unsigned)logged("mount devtmpfs on /dev: error");
	assert_int_equal(before, line);
	assert_int_equal(starts, 2);
}

static void mounted_already(void)
{
	mount_fails(-EBUSY, 0);
}

static void mount_refused(void)
{
	mount_fails(-ENODEV, 1);
}

/* -- In the child -------------------------------------------------------- */

static int fork_child(void)
{
	return 0;
}

static int child_end(void)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_child;
	return EXITS(supervisor_run());
}

/* Pinned, given its class, and the partition runs (to its power-off). */
static void child_is_placed(void)
{
	assert_int_equal(child_end(), EXIT_POWEROFF);
	assert_int_equal(fake.affinity, 1);
	assert_int_equal(fake.fifo, 5);
	assert_int_equal(fake.runs, 1);
	assert_true(logged("one: powered off"));
	assert_false(logged("press Ctrl-")); /* no quit key under PID 1 */
}

static int fork_second_child(void)
{
	static int forks;

	return forks++ == 0 ? 100 : 0;
}

/* In the normal class when the guest runs, ahead of KVM's workers before. */
static void child_of_the_normal_class(void)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_second_child;
	assert_int_equal(EXITS(supervisor_run()), EXIT_POWEROFF);
	assert_int_equal(fake.runs, 1);
	assert_int_equal(fake.affinity, 0);
	assert_int_equal(fake.fifo, 0);
	assert_int_equal(fake.urgent_calls, 2);
	assert_int_equal(fake.urgent, 0);
}

static void child_cpu_at(void *n)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_child;
	fake.fail_at = (unsigned)(uintptr_t)n;
	fake.fail_with = -EINVAL;
	EXITS(supervisor_run());
	if (strcmp(fake.failed, "sys_set_affinity") == 0) {
		assert_int_equal(fake.exit_code, EXIT_HOST);
		assert_true(logged("one: host cpu 1 refused (-22)"));
	} else if (strcmp(fake.failed, "sys_set_fifo") == 0) {
		assert_int_equal(fake.exit_code, EXIT_HOST);
		assert_true(logged("one: SCHED_FIFO 5 refused (-22)"));
	}
}

static void child_cannot_be_placed(void)
{
	uintptr_t n;

	for (n = 1; n < 25; n++) {
		assert_int_equal(unit_child(child_cpu_at, (void *)n), 0);
	}
}

/* -- Policy -------------------------------------------------------------- */

/* F16, F17: a killed one is started anew, the other is left alone. */
static void killed(void)
{
	static const struct death deaths[] = { { 0, SIGKILL_STATUS, 1 } };

	assert_int_equal(RUN(deaths), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
	assert_int_equal(starts, 3);
	assert_int_equal(fake.sleeps, 1);
	assert_int_equal(fake.slept_ms[0], 100);
	assert_true(logged("one: failed (signal 9, code 0), restart 1 of 3"));
}

static void core_dumped(void)
{
	static const struct death deaths[] = { { 1, SIGSEGV_STATUS | 0x80,
						 1 } };

	RUN(deaths);
	assert_true(logged("two: failed (signal 11, code 0), restart 1 of"));
	assert_int_equal(starts, 3);
}

static void crashed(void)
{
	static const struct death deaths[] = { { 0, EXITED(EXIT_GUEST_CRASH),
						 1 } };

	RUN(deaths);
	assert_true(logged("one: failed (signal 0, code 2), restart 1 of 3"));
	assert_int_equal(starts, 3);
}

/* PSCI SYSTEM_RESET: anew at once, any number of times. */
static void reset(void)
{
	static struct death deaths[1000];
	unsigned i;

	for (i = 0; i < 1000; i++) {
		deaths[i].which = (int)(i & 1);
		deaths[i].status = EXITED(EXIT_GUEST_RESET);
	}
	assert_int_equal(RUN(deaths), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
	assert_int_equal(starts, 1002);
	assert_int_equal(fake.sleeps, 0);
}

/* One off, the other on: the board stays. */
static void one_powers_off(void)
{
	static const struct death deaths[] = {
		{ 0, EXITED(EXIT_POWEROFF), 1 },
		{ 1, EXITED(EXIT_GUEST_RESET), 1 },
		{ 1, EXITED(EXIT_GUEST_RESET), 1 },
	};

	RUN(deaths);
	assert_int_equal(starts, 4);
}

/* As many restarts as the config says, then the board's action. */
static void fails_too_often(void)
{
	static const struct death deaths[] = {
		{ 0, SIGKILL_STATUS, 1 },
		{ 0, SIGKILL_STATUS, 1 },
		{ 0, EXITED(70), 1 },
		{ 0, SIGKILL_STATUS, 1 },
	};

	assert_int_equal(RUN(deaths), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_RESTART);
	assert_int_equal(fake.syncs, 1);
	assert_int_equal(starts, 5);
	assert_int_equal(fake.sleeps, 3);
	assert_int_equal(fake.slept_ms[0], 100);
	assert_int_equal(fake.slept_ms[1], 200);
	assert_int_equal(fake.slept_ms[2], 400);
	assert_true(logged("restart 3 of 3"));
	assert_true(logged("one: failed 4 times in a row (signal 9, code 0); "
			   "the board's failure action follows"));
}

/* Failures with a stable minute between them are not in a row. */
static void fails_now_and_then(void)
{
	static struct death deaths[20];
	unsigned i;

	for (i = 0; i < 20; i++) {
		deaths[i] = (struct death){ 0, SIGKILL_STATUS, 60 };
	}
	RUN(deaths);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
	assert_int_equal(starts, 22);
	for (i = 0; i < 20; i++) {
		assert_int_equal(fake.slept_ms[i], 100);
	}
}

static void nearly_stable(void)
{
	static const struct death deaths[] = {
		{ 0, SIGKILL_STATUS, 59 },
		{ 0, SIGKILL_STATUS, 59 },
		{ 0, SIGKILL_STATUS, 59 },
		{ 0, SIGKILL_STATUS, 59 },
	};

	RUN(deaths);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_RESTART);
}

/* The failures of one are not the other's. */
static void failures_are_apart(void)
{
	static const struct death deaths[] = {
		{ 0, SIGKILL_STATUS, 1 }, { 1, SIGKILL_STATUS, 1 },
		{ 0, SIGKILL_STATUS, 1 }, { 1, SIGKILL_STATUS, 1 },
		{ 0, SIGKILL_STATUS, 1 }, { 1, SIGKILL_STATUS, 1 },
	};

	RUN(deaths);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
	assert_int_equal(fake.slept_ms[5], 400);
	assert_true(logged("two: failed (signal 9, code 0), restart 3 of 100"));
}

/* The wait grows, ends somewhere, and never becomes short again. */
static void long_back_off(void)
{
	static struct death deaths[100];
	unsigned i;

	for (i = 0; i < 100; i++) {
		deaths[i] = (struct death){ 1, SIGKILL_STATUS, 0 };
	}
	RUN(deaths);
	assert_int_equal(starts, 102);
	for (i = 1; i < 64; i++) {
		assert_true(fake.slept_ms[i] >= fake.slept_ms[i - 1]);
		assert_in_range(fake.slept_ms[i], 200, 20000);
	}
	assert_in_range(fake.slept_ms[63], 10000, 20000);
}

/* Orphans are reaped and are nobody's business. */
static int wait_orphans(int *status)
{
	static unsigned n;

	if (n++ < 5) {
		*status = SIGKILL_STATUS;
		return 4711;
	}
	if (n < 10) {
		return -EINTR;
	}
	return wait_one(status);
}

static void orphans(void)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_one;
	fake.wait = wait_orphans;
	next_pid = 100;
	assert_int_equal(EXITS(supervisor_run()), FAKE_REBOOTED);
	assert_int_equal(starts, 2);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
}

static int fork_fails(void)
{
	return -EAGAIN;
}

static void no_fork(void)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_fails;
	assert_int_equal(EXITS(supervisor_run()), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_RESTART);
	assert_true(logged("one: fork failed (-11)"));
}

/* PID 1 never ends: that would be a kernel panic. */
static void board_stays_on(void)
{
	fake_reset();
	fake.pid = 1;
	fake.fork = fork_one;
	fake.wait = wait_one;
	fake.reboot_result = -EPERM;
	next_pid = 100;
	assert_int_equal(EXITS(supervisor_run()), FAKE_ASLEEP);
	assert_true(logged("reboot(0x4321fedc) failed (-1); waiting for a "
			   "power cycle"));
}

struct fault {
	unsigned n;
	long error;
};

static void one_fault(void *arg)
{
	static const struct death deaths[] = { { 0, SIGKILL_STATUS, 1 },
					       { 1, EXITED(3), 1 } };
	const struct fault *fault = arg;
	int end;

	fake_reset();
	fake.pid = 1;
	fake.fork = fork_one;
	fake.wait = wait_one;
	fake.fail_at = fault->n;
	fake.fail_with = fault->error;
	script = deaths;
	count = 2;
	next_pid = 100;
	end = EXITS(supervisor_run());
	if (end != FAKE_REBOOTED && end != FAKE_ASLEEP) {
		fail_msg("call %u, %s, error %ld: PID 1 ends with %d", fault->n,
			 fake.failed, fault->error, end);
	}
	assert_true(starts >= 2 || logged("fork failed") ||
		    logged("status pages: cannot be mapped"));
}

/* PID 1 survives each of its system calls failing: its end is a panic. */
static void each_call_fails(void)
{
	static const long errors[] = { -EIO,   -ENOMEM, -EPERM, -EINVAL,
				       -EINTR, -EAGAIN, -ENOENT };
	struct fault fault;
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fault.error = errors[i];
		for (fault.n = 1; fault.n <= 40; fault.n++) {
			bad += unit_child(one_fault, &fault) != 0;
		}
	}
	assert_int_equal(bad, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(powers_the_board_off),
	TEST(prepares_the_board),
	TEST(console_is_closed),
	TEST(mounted_already),
	TEST(mount_refused),
	TEST(child_is_placed),
	TEST(child_of_the_normal_class),
	TEST(child_cannot_be_placed),
	TEST(killed),
	TEST(core_dumped),
	TEST(crashed),
	TEST(reset),
	TEST(one_powers_off),
	TEST(fails_too_often),
	TEST(fails_now_and_then),
	TEST(nearly_stable),
	TEST(failures_are_apart),
	TEST(long_back_off),
	TEST(orphans),
	TEST(no_fork),
	TEST(board_stays_on),
	TEST(each_call_fails),
};

UNIT_MAIN("supervisor", tests)
