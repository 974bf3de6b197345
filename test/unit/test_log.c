/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: one line each, bounded, and what a guest can cause is limited. */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/fake.h"

#define MONOTONIC fake.clock[SYS_CLOCK_MONOTONIC].sec

static unsigned hooked;

static void hook(void)
{
	hooked++;
}

static const char *text(void)
{
	fake.log[fake.log_bytes] = '\0';
	return fake.log;
}

static void line(void)
{
	fake_reset();
	log_line("a %d %s", 1, "b");
	assert_string_equal(text(), "bedplate: a 1 b\r\n");
}

static void empty(void)
{
	fake_reset();
	log_line("%s", "");
	assert_string_equal(text(), "bedplate: \r\n");
}

/* At any length: one line, its end, no more than LOG_LINE_MAX bytes. */
static void long_lines(void)
{
	static char much[1000];
	unsigned n;

	for (n = 1; n < sizeof(much) - 1; n++) {
		fake_reset();
		memset(much, 'x', sizeof(much));
		much[n] = '\0';
		log_line("%s", much);
		fake_one_line("bedplate: x");
		assert_in_range(fake.log_bytes, 13, LOG_LINE_MAX);
		if (n + 12 < LOG_LINE_MAX - 4) {
			assert_int_equal(fake.log_bytes, n + 12);
		}
		assert_int_equal(fake.log[fake.log_bytes - 3], 'x');
		assert_null(memchr(fake.log, '\0', fake.log_bytes));
	}
}

static void guest_limit(void)
{
	unsigned i;

	fake_reset();
	for (i = 0; i < 1000; i++) {
		log_guest("n %u", i);
	}
	assert_int_equal(fake.log_lines, 10);
	assert_non_null(strstr(text(), "n 9\r\n"));
}

/* The next second begins with how many were dropped, and counts as one. */
static void guest_limit_next_second(void)
{
	static const char first[] = "bedplate: 990 more messages about the "
				    "guest dropped\r\nbedplate: m\r\n";
	unsigned i;

	fake_reset();
	for (i = 0; i < 1000; i++) {
		log_guest("n");
	}
	MONOTONIC++;
	fake.log_bytes = 0;
	fake.log_lines = 0;
	for (i = 0; i < 1000; i++) {
		log_guest("m");
	}
	assert_int_equal(fake.log_lines, 10);
	assert_ptr_equal(strstr(text(), first), text());
	MONOTONIC++;
	fake.log_bytes = 0;
	log_guest("k");
	assert_non_null(strstr(text(), " more messages"));
}

static void guest_quiet_second(void)
{
	unsigned i;

	fake_reset();
	for (i = 0; i < 10; i++) {
		log_guest("n");
	}
	MONOTONIC++;
	log_guest("m");
	assert_int_equal(fake.log_lines, 11); /* nothing was dropped */
	assert_null(strstr(text(), "dropped"));
}

/* Our own lines are not limited, nor do they use up the guest's. */
static void own_lines(void)
{
	unsigned i;

	fake_reset();
	for (i = 0; i < 100; i++) {
		log_line("own");
		log_guest("guest");
	}
	assert_int_equal(fake.log_lines, 110);
}

static void no_clock(void)
{
	fake_reset();
	fake.fail_at = 1;
	fake.fail_with = -EINVAL;
	log_guest("n");
	assert_int_equal(fake.log_lines, 0);
}

static void fatal(void)
{
	fake_reset();
	log_set_exit_hook(hook);
	assert_int_equal(EXITS(log_fatal(EXIT_DISK, "why %d", 7)), EXIT_DISK);
	fake_one_line("bedplate: why 7\r\n");
	assert_int_equal(hooked, 1);
}

static void fatal_without_hook(void)
{
	fake_reset();
	assert_int_equal(EXITS(log_fatal(EXIT_HOST, "why")), EXIT_HOST);
	fake_one_line("bedplate: why\r\n");
}

/* Wide enough for every exit code the documents list. */
static void codes(void)
{
	static const int all[] = { 0, 2, 3, 4, 10, 11, 12, 13, 15, 16, 70 };
	static const enum exit_code ours[] = {
		EXIT_POWEROFF, EXIT_GUEST_CRASH, EXIT_GUEST_RESET, EXIT_QUIT,
		EXIT_NO_KVM,   EXIT_KVM_FEATURE, EXIT_GIC,	   EXIT_MEMORY,
		EXIT_DISK,     EXIT_HOST,	 EXIT_BUG,
	};
	size_t i;

	fake_reset();
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(ours[i], all[i]);
	}
}

static const struct CMUnitTest tests[] = {
	TEST(line),
	TEST(empty),
	TEST(long_lines),
	TEST(guest_limit),
	TEST(guest_limit_next_second),
	TEST(guest_quiet_second),
	TEST(own_lines),
	TEST(no_clock),
	TEST(fatal),
	TEST(fatal_without_hook),
	TEST(codes),
};

UNIT_MAIN("log", tests)
