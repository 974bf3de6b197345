/* SPDX-License-Identifier: Apache-2.0 */
/* Why the board was reset: from the records that the host kernel kept. */
#include <linux/errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/last.h"
#include "core/config.h"
#include "core/log.h"
#include "test/unit/fake.h"

#define RING "/sys/fs/pstore/pmsg-ramoops-0"
#define PANIC "/sys/fs/pstore/dmesg-ramoops-0"
#define NO_REASON                                                         \
	"bedplate: last restart: without a reason written: reset by the " \
	"watchdog or by hand\r\n"
#define BOOT "bedplate: one on board, 1 partition(s)\n"
#define FAILED "bedplate: board ends: guest: failed 4 times in a row\n"
#define OFF "bedplate: all partitions have powered off, so does the board\n"

/* -- A config of this test's own ----------------------------------------- */

const struct config_board config_board = {
	.name = "board",
	.page_size = 4096,
	.hugepage_size = 0x200000,
	.log_bytes = 0x10000,
};

/* -- Records --------------------------------------------------------------- */

static struct fake_file *record(const char *path, const void *bytes, size_t n)
{
	struct fake_file *file = fake_file(path, n);

	memcpy(file->data, bytes, n);
	return file;
}

/* What is printed of such a ring, and of such a panic; NULL: none. */
static const char *says(const char *ring, const char *panic)
{
	fake_reset();
	if (ring) {
		record(RING, ring, strlen(ring));
	}
	if (panic) {
		record(PANIC, panic, strlen(panic));
	}
	last_report();
	assert_int_equal(fake.unlinks, (ring != NULL) + (panic != NULL));
	fake.log[fake.log_bytes] = '\0';
	return fake.log;
}

/* -- Reasons --------------------------------------------------------------- */

static void cold_start(void)
{
	assert_string_equal(says(NULL, NULL), "");
	assert_int_equal(fake.mounts, 1);
}

static void guest_failed(void)
{
	assert_string_equal(
		says(BOOT FAILED, NULL),
		"bedplate: last restart: guest: failed 4 times in a row\r\n"
		"bedplate: before: one on board, 1 partition(s)\r\n"
		"bedplate: before: board ends: guest: failed 4 times in a "
		"row\r\n");
}

/* Partitions may write until the board is gone. */
static void more_behind_the_reason(void)
{
	says(BOOT FAILED "bedplate: two: MMIO at 0x0\n", NULL);
	assert_non_null(strstr(fake.log, "last restart: guest: failed 4"));
	assert_non_null(strstr(fake.log, "before: two: MMIO at 0x0\r\n"));
}

/* A watchdog that is not fed any more, then is again, then a failure. */
static void last_reason_counts(void)
{
	says(BOOT "bedplate: board ends: two: does not answer\n" FAILED, NULL);
	assert_non_null(strstr(fake.log, "last restart: guest: failed 4"));
}

/* It answered again before the watchdog bit: that was not why. */
static void taken_back(void)
{
	says(BOOT "bedplate: board ends: two: does not answer\n"
		  "bedplate: board goes on: two: answers again\n",
	     NULL);
	assert_ptr_equal(strstr(fake.log, NO_REASON), fake.log);
}

static void without_reason(void)
{
	assert_string_equal(says(BOOT, NULL),
			    NO_REASON "bedplate: before: one on board, 1 "
				      "partition(s)\r\n");
}

/* In order: the reason, but not the log. */
static void powered_off(void)
{
	assert_string_equal(says(BOOT OFF, NULL),
			    "bedplate: last restart: all partitions have "
			    "powered off, so does the board\r\n");
}

static void failed_after_order(void)
{
	says(OFF FAILED, NULL);
	assert_non_null(strstr(fake.log, "last restart: guest: failed 4"));
	assert_non_null(strstr(fake.log, "before: "));
}

/* What looks like one but is not at a line's start, or not ours. */
static void no_reason_at_all(void)
{
	says("bedplate: board: board ends: x\nboard ends: y\n"
	     "xbedplate: board ends: z\n",
	     NULL);
	assert_ptr_equal(strstr(fake.log, NO_REASON), fake.log);
	assert_int_equal(fake.log_lines, 2);
}

static void panic(void)
{
	assert_string_equal(
		says(BOOT, "Panic#1 Part1\n<6>[    0.1] Run /init\n"
			   "<0>[    1.5] Kernel panic - not syncing: Attempted "
			   "to kill init!\n<4>[    1.6] CPU: 0\n"),
		"bedplate: last restart: Kernel panic - not syncing: Attempted "
		"to kill init!\r\n"
		"bedplate: before: one on board, 1 partition(s)\r\n");
}

/* The kernel's word counts more; our lines say what led to it. */
static void panic_after_failure(void)
{
	says(BOOT FAILED, "<0>[ 1.5] Kernel panic - not syncing: X\n");
	assert_non_null(strstr(fake.log, "last restart: Kernel panic - not "
					 "syncing: X\r\n"));
	assert_non_null(strstr(fake.log, "before: board ends: guest:"));
	assert_null(strstr(fake.log, "last restart: guest"));
}

static void panic_without_its_line(void)
{
	assert_string_equal(says(NULL, "Panic#1 Part1\n<4>[ 1.6] CPU: 0\n"),
			    "bedplate: last restart: Kernel panic\r\n");
}

/* -- Bounds ---------------------------------------------------------------- */

/* The last ten, in order, whatever there was before. */
static void ten_lines(void)
{
	static char ring[0x8000];
	char want[64];
	size_t n = 0;
	unsigned i;

	for (i = 0; n < sizeof(ring) - 64; i++) {
		n += (size_t)snprintf(ring + n, sizeof(ring) - n,
				      "bedplate: line %u\n", i);
	}
	says(ring, NULL);
	assert_int_equal(fake.log_lines, 11);
	snprintf(want, sizeof(want), "before: line %u\r\n", i - 11);
	assert_null(strstr(fake.log, want));
	for (; n > 0 && fake.log_lines-- > 1; i--) {
		snprintf(want, sizeof(want), "before: line %u\r\n", i - 1);
		assert_non_null(strstr(fake.log, want));
	}
}

/* Nothing reaches the terminal but letters: no escape sequences. */
static void unprintable(void)
{
	static const char ring[] = "bedplate: a\033[2J\x9b\0\x7f\r\n"
				   "bedplate: board ends: \a\n";

	fake_reset();
	record(RING, ring, sizeof(ring) - 1);
	last_report();
	fake.log[fake.log_bytes] = '\0';
	assert_string_equal(fake.log, "bedplate: last restart: ?\r\n"
				      "bedplate: before: a?[2J????\r\n"
				      "bedplate: before: board ends: ?\r\n");
}

/* RAM of before a cold start, with a header that is valid by chance. */
static void garbage(void)
{
	static const char ring[] = "\377\1\n\n\0\0board ends: x\nbedplat";

	fake_reset();
	record(RING, ring, sizeof(ring) - 1);
	last_report();
	assert_int_equal(fake.log_lines, 0);
	assert_int_equal(fake.unlinks, 1);
}

static void one_random(void *seed)
{
	static const char *const parts[] = {
		BOOT,		FAILED,		OFF,
		"bedplate: ",	"board ends: ", "\n",
		"Kernel panic", "Kernel pani"
	};
	static char bytes[2][0x9000];
	size_t n[2] = { 0, 0 };
	unsigned i, which;

	srand((unsigned)(uintptr_t)seed);
	fake_reset();
	for (which = 0; which < 2; which++) {
		size_t size = (size_t)rand() % 0x8000;

		while (n[which] < size) {
			const char *part = parts[rand() % 8];

			if (rand() % 4 == 0) {
				bytes[which][n[which]++] = (char)rand();
				continue;
			}
			memcpy(bytes[which] + n[which], part, strlen(part));
			n[which] += strlen(part);
		}
		record(which ? RING : PANIC, bytes[which], n[which])->io_max =
			rand() % 3 == 0 ? (uint64_t)rand() % 9000 : 0;
	}
	last_report();
	assert_true(fake.log_lines <= 11);
	assert_true(fake.log_bytes <= 11 * LOG_LINE_MAX);
	for (i = 0; i < fake.log_bytes; i++) {
		assert_true((fake.log[i] >= ' ' && fake.log[i] <= '~') ||
			    fake.log[i] == '\r' || fake.log[i] == '\n');
	}
	assert_int_equal(fake.unlinks, 2);
}

static void random_records(void)
{
	uintptr_t seed;

	for (seed = 1; seed <= 300; seed++) {
		assert_int_equal(unit_child(one_random, (void *)seed), 0);
	}
}

/* -- The new ring ---------------------------------------------------------- */

/* Each line from now on, by one call; not what was said of the old one. */
static void lines_go_to_the_ring(void)
{
	says(BOOT FAILED, NULL);
	assert_int_equal(fake.ring_bytes, 0);
	log_line("a %d", 1);
	log_guest("b");
	assert_int_equal(EXITS(log_fatal(EXIT_DISK, "c")), EXIT_DISK);
	assert_int_equal(fake.ring_writes, 3);
	assert_string_equal(fake.ring,
			    "bedplate: a 1\nbedplate: b\nbedplate: c\n");
	assert_non_null(strstr(fake.log, "bedplate: a 1\r\nbedplate: b\r\n"));
}

static void long_line(void)
{
	static char much[1000];

	memset(much, 'x', sizeof(much) - 1);
	says(NULL, NULL);
	log_line("%s", much);
	assert_int_equal(fake.ring_writes, 1);
	assert_in_range(fake.ring_bytes, 200, LOG_LINE_MAX);
	assert_int_equal(fake.ring[fake.ring_bytes - 1], '\n');
	assert_int_equal(fake.ring[fake.ring_bytes - 2], 'x');
}

static void records_are_closed(void)
{
	unsigned open = 0;
	int fd;

	says(BOOT, "Kernel panic");
	for (fd = 3; fd < FAKE_FDS; fd++) {
		open += fake.fds[fd].kind != FAKE_CLOSED;
	}
	assert_int_equal(open, 1); /* the ring */
}

static void refused(void)
{
	fake_one_line("bedplate: pstore, /dev/pmsg0: error -19; for a log that "
		      "survives a reset, start the host kernel with host.dtb, "
		      "and PSTORE_PMSG in it");
	log_line("a");
	assert_int_equal(fake.ring_writes, 0);
}

/* The kernel was not given the board's tree. */
static void no_ring(void)
{
	fake_reset();
	fake_file("/dev/pmsg0", 0)->open_error = -ENODEV;
	last_report();
	refused();
}

static void no_pstore(void)
{
	fake_reset();
	fake.fail_at = 1;
	fake.fail_with = -ENODEV;
	last_report();
	assert_string_equal(fake.failed, "sys_mount");
	refused();
}

static void mounted_already(void)
{
	fake_reset();
	record(RING, BOOT, strlen(BOOT));
	fake.fail_at = 1;
	fake.fail_with = -EBUSY;
	last_report();
	assert_int_equal(fake.log_lines, 2);
	log_line("a");
	assert_int_equal(fake.ring_writes, 1);
}

/* Each of its calls fails in turn: PID 1 goes on, and says so. */
static void fault_at(void *n)
{
	fake_reset();
	record(RING, BOOT FAILED, strlen(BOOT FAILED));
	record(PANIC, "Kernel panic", 12);
	fake.fail_at = (unsigned)(uintptr_t)n;
	fake.fail_with = -EIO;
	last_report();
	fake.log[fake.log_bytes] = '\0';
	if (!fake.failed) {
		exit(42);
	}
	if (strcmp(fake.failed, "sys_close") != 0) {
		assert_non_null(strstr(fake.log, "-5"));
	}
}

static void each_call_fails(void)
{
	uintptr_t n;
	int ret;

	for (n = 1; (ret = unit_child(fault_at, (void *)n)) == 0; n++) {
	}
	assert_int_equal(ret, 42);
	assert_int_equal(n, 13);
}

static const struct CMUnitTest tests[] = {
	TEST(cold_start),
	TEST(guest_failed),
	TEST(more_behind_the_reason),
	TEST(last_reason_counts),
	TEST(taken_back),
	TEST(without_reason),
	TEST(powered_off),
	TEST(failed_after_order),
	TEST(no_reason_at_all),
	TEST(panic),
	TEST(panic_after_failure),
	TEST(panic_without_its_line),
	TEST(ten_lines),
	TEST(unprintable),
	TEST(garbage),
	TEST(random_records),
	TEST(lines_go_to_the_ring),
	TEST(long_line),
	TEST(records_are_closed),
	TEST(no_ring),
	TEST(no_pstore),
	TEST(mounted_already),
	TEST(each_call_fails),
};

UNIT_MAIN("last", tests)
