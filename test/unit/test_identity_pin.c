/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAM_IDENTITY stays where it is: the host moves no page of it, and one that it
 * moved too early, or that cannot be pinned, refuses the start.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/identity.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/mem.h"
#include "test/unit/fake_huge.h"
#include "test/unit/identity_config.h"

#define FAR (AT + 100 * HUGE) /* a page that is in no piece */

static struct mem_bank bank;

static void map(unsigned partition)
{
	kvm_init();
	mem_init(&config_partitions[partition]);
	mem_clear(&config_partitions[partition]);
	assert_int_equal(mem_bank(0, &bank), 1);
}

static unsigned open_of(enum fake_kind kind)
{
	unsigned fd, n = 0;

	for (fd = 3; fd < FAKE_FDS; fd++) {
		n += fake.fds[fd].kind == kind;
	}
	return n;
}

static unsigned pinned(void)
{
	unsigned i, n = 0;

	for (i = 0; i < fake_huge.count; i++) {
		n += fake_huge.pages[i].ring != 0;
	}
	return n;
}

/* Nothing is kept, and the one line is the partition's. */
static void not_pinned(long error)
{
	char line[256];

	assert_int_equal(fake.log_lines, 0);
	assert_int_equal(open_of(FAKE_PINS), 0);
	assert_int_equal(open_of(FAKE_HUGETLB), 0);
	assert_int_equal(open_of(FAKE_PAGEMAP), 0);
	assert_int_equal(fake_huge.map_count, 0);
	assert_int_equal(pinned(), 0);
	assert_int_equal(fake_huge_free(), fake_huge.count);
	assert_int_equal(EXITS(map(0)), EXIT_MEMORY);
	assert_int_equal(fake.exit_code, 13);
	snprintf(line, sizeof(line),
		 "guest RAM: 8 MiB of RAM_IDENTITY: its pages cannot be kept "
		 "in their place; build the host kernel with CONFIG_IO_URING "
		 "(%ld)",
		 error);
	fake_one_line(line);
	assert_int_equal(fake.slot_count, 0);
}

static void host(void)
{
	fake_reset();
	fake_huge_add(FAR);
	fake_huge_add_run(AT, PAGES + SECOND_PAGES);
}

/* -- Pages stay ---------------------------------------------------------- */

static void none_moves(uint64_t gpa, unsigned pages)
{
	unsigned i;

	for (i = 0; i < pages; i++) {
		assert_int_equal(fake_huge_move(gpa + i * HUGE), -EBUSY);
	}
}

static void owner(void *unused)
{
	uint64_t k;

	(void)unused;
	map(0);
	none_moves(AT, PAGES);
	for (k = 0; k < bank.size; k += 4096) {
		bank.host[k] = 0x42;
		assert_int_equal(fake_physical(AT + k)[0], 0x42);
	}
}

/* Nor between two owners. */
static void pages_stay(void)
{
	int i;

	host();
	identity_hold(0);
	for (i = 0; i < 3; i++) {
		none_moves(AT, PAGES);
		assert_int_equal(unit_child(owner, NULL), 0);
		identity_mark_used(0);
	}
	none_moves(AT, PAGES);
}

/* The rest is the host's again. */
static void no_other_is_pinned(void)
{
	host();
	identity_hold(0);
	assert_int_equal(pinned(), PAGES);
	assert_int_equal(fake_huge_free(), 1 + SECOND_PAGES);
	assert_int_equal(open_of(FAKE_PINS), 1);
}

static void two_partitions(void)
{
	host();
	identity_hold(0);
	identity_hold(SECOND);
	none_moves(AT, PAGES + SECOND_PAGES);
	assert_int_equal(pinned(), PAGES + SECOND_PAGES);
	assert_int_equal(open_of(FAKE_PINS), 2);
	assert_int_equal(fake_huge_free(), 1);
	map(SECOND);
	assert_int_equal(bank.gpa, AT + PAGES * HUGE);
}

/* -- Pages move before --------------------------------------------------- */

static uint64_t moving;

static void move_one(void)
{
	assert_true(fake_huge_move(moving) > 0);
}

static void one_moves(void *n)
{
	host();
	moving = AT + (uintptr_t)n * HUGE;
	fake_huge.on_pin = move_one;
	identity_hold(0);
	not_pinned(-EFAULT);
}

static void each_page_moves(void)
{
	unsigned bad = 0;
	uintptr_t n;

	for (n = 0; n < PAGES; n++) {
		bad += unit_child(one_moves, (void *)n) != 0;
	}
	assert_int_equal(bad, 0);
}

/* All the addresses are still there, but two the wrong way round. */
static void move_two(void)
{
	uint64_t first = (uint64_t)fake_huge_move(AT);

	assert_int_equal(fake_huge_move(AT + HUGE), AT);
	assert_int_equal(fake_huge_move(first), AT + HUGE);
}

static void two_change_places(void)
{
	host();
	fake_huge.on_pin = move_two;
	identity_hold(0);
	not_pinned(-EFAULT);
}

/* What is given back anyway may be anywhere. */
static void another_moves(void)
{
	host();
	moving = FAR;
	fake_huge.on_pin = move_one;
	identity_hold(0);
	assert_int_equal(fake_huge_free(), 1 + SECOND_PAGES);
	none_moves(AT, PAGES);
	map(0);
	assert_int_equal(bank.gpa, AT);
}

/* -- The host refuses ---------------------------------------------------- */

/* 5 pages are taken, by two calls each. */
#define SETUP (4 + 2 * 5 + 1)
#define REGISTER (SETUP + 1)

struct fault {
	unsigned n;
	const char *name;
	long error;
};

static void one_fault(void *arg)
{
	const struct fault *fault = arg;

	host();
	fake.fail_at = fault->n;
	fake.fail_with = fault->error;
	identity_hold(0);
	assert_string_equal(fake.failed, fault->name);
	not_pinned(fault->error);
}

static void each_error(unsigned n, const char *name)
{
	/* Without io_uring, or by kernel.io_uring_disabled; by a limit; ... */
	static const long errors[] = { -ENOSYS,	    -EPERM, -ENOMEM, -EMFILE,
				       -ENFILE,	    -EBUSY, -EFAULT, -EINVAL,
				       -EOPNOTSUPP, -EINTR, -EAGAIN, -EIO };
	struct fault fault = { n, name, 0 };
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fault.error = errors[i];
		bad += unit_child(one_fault, &fault) != 0;
	}
	assert_int_equal(bad, 0);
}

static void no_ring(void)
{
	each_error(SETUP, "sys_io_uring_setup");
}

static void no_buffers(void)
{
	each_error(REGISTER, "sys_io_uring_register");
}

/* It cannot be told whether they have moved. */
static void no_second_look(void)
{
	each_error(REGISTER + 1, "sys_preadv");
}

/* What the first has given back is the second's. */
static void first_is_refused(void)
{
	host();
	fake.fail_at = REGISTER;
	fake.fail_with = -ENOMEM;
	identity_hold(0);
	identity_hold(SECOND);
	assert_int_equal(pinned(), SECOND_PAGES);
	none_moves(AT, SECOND_PAGES);
	assert_int_equal(fake_huge_free(), 1 + PAGES);
	map(SECOND);
	assert_int_equal(bank.gpa, AT);
	assert_int_equal(fake.log_lines, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(pages_stay),	TEST(no_other_is_pinned), TEST(two_partitions),
	TEST(each_page_moves),	TEST(two_change_places),  TEST(another_moves),
	TEST(no_ring),		TEST(no_buffers),	  TEST(no_second_look),
	TEST(first_is_refused),
};

UNIT_MAIN("identity_pin", tests)
