/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eventfds that raise the vectors of an MSI-X table inside of the kernel: bound
 * exactly while the vector may be sent, no event lost, none sent twice.
 */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/msix_guest.h"

static int attach(unsigned source, unsigned vector)
{
	int fd = fake_eventfd();

	msi_attach(&table.msi, source, vector, fd);
	return fd;
}

/* -- One step ------------------------------------------------------------ */

static void bound_while_open(void)
{
	int fd;

	table_ready();
	fd = attach(0, 1);
	assert_true(fake_is_bound(fd));
	fake_signal(fd);
	assert_int_equal(fake_last_msi(1)->data, 101);
	assert_int_equal(fake.msis[0].irqfd, fd);
	assert_int_equal(fake.msis[0].device, TABLE_SLOT << 3);
	table_mask(1, 1);
	assert_false(fake_is_bound(fd));
	table_mask(1, 0);
	assert_true(fake_is_bound(fd));
	table_control(ENABLE | MASKALL);
	assert_false(fake_is_bound(fd));
	table_control(ENABLE);
	assert_true(fake_is_bound(fd));
	table_control(0);
	assert_false(fake_is_bound(fd));
	table_control(MASKALL);
	assert_false(fake_is_bound(fd));
	table_control(ENABLE);
	assert_true(fake_is_bound(fd));
	assert_int_equal(fake.msi_count, 1); /* none of that is an event */
}

static void masked_event_is_pending(void)
{
	int fd;

	table_ready();
	fd = attach(2, 2);
	table_mask(2, 1);
	fake_signal(fd);
	fake_signal(fd);
	assert_int_equal(table_pending(), 4);
	assert_int_equal(table_pending(), 4); /* reading does not take it */
	assert_int_equal(fake.msi_count, 0);
	table_mask(2, 0);
	assert_int_equal(fake_last_msi(1)->data, 102);
	assert_int_equal(table_pending(), 0);
	table_mask(2, 1);
	assert_int_equal(table_pending(), 0);
	table_mask(2, 0);
	assert_int_equal(fake.msi_count, 1);
}

/* The same, but nobody looks at the pending bits. */
static void masked_event_unseen(void)
{
	int fd;

	table_ready();
	fd = attach(0, 0);
	table_control(ENABLE | MASKALL);
	fake_signal(fd);
	table_control(ENABLE);
	assert_int_equal(fake_last_msi(1)->data, 100);
	/* It was in the eventfd when that was bound; it is not again. */
	table_mask(0, 1);
	assert_int_equal(table_pending(), 0);
	table_mask(0, 0);
	assert_int_equal(fake.msi_count, 1);
}

static void rewritten_while_open(void)
{
	int fd;

	table_ready();
	fd = attach(0, 0);
	driver_mmio_write(table_entry(0) + 8, 4, 4711);
	assert_true(fake_is_bound(fd));
	fake_signal(fd);
	assert_int_equal(fake_last_msi(1)->data, 4711);
	/* Other vectors' messages are none of its business. */
	driver_mmio_write(table_entry(1) + 8, 4, 4712);
	fake_signal(fd);
	assert_int_equal(fake_last_msi(2)->data, 4711);
	/* What is there already costs no call. */
	fake.irqfd_calls = 0;
	driver_mmio_write(table_entry(0) + 8, 4, 4711);
	driver_mmio_write(table_entry(0), 8, TRANSLATER);
	table_mask(0, 0);
	assert_int_equal(fake.irqfd_calls, 0);
}

/* M51: a bad address unbinds; a good one later gets what happened meanwhile. */
static void bad_address(void)
{
	int fd;

	table_ready();
	fd = attach(0, 0);
	driver_mmio_write(table_entry(0), 4, RAM);
	assert_false(fake_is_bound(fd));
	fake_one_line("device 0x8: vector 0, MSI 0x64 to 0x40000000: cannot be "
		      "bound (-22)");
	fake_signal(fd);
	assert_int_equal(fake.msi_count, 0);
	driver_mmio_write(table_entry(0), 4, TRANSLATER);
	assert_true(fake_is_bound(fd));
	assert_int_equal(fake_last_msi(1)->data, 100);
}

static void host_refuses(void)
{
	int fd;

	table_ready();
	fake.irqfd_error = -ENOMEM;
	fd = attach(0, 0);
	assert_false(fake_is_bound(fd));
	fake_one_line("cannot be bound (-12)");
	fake.irqfd_error = 0;
	fake_signal(fd);
	table_mask(1, 1); /* any change tries again */
	assert_true(fake_is_bound(fd));
	assert_int_equal(fake_last_msi(1)->data, 100);
}

static void attached_elsewhere(void)
{
	int a, b;

	table_ready();
	a = attach(0, 0);
	msi_attach(&table.msi, 0, 2, a); /* another vector */
	fake_signal(a);
	assert_int_equal(fake_last_msi(1)->data, 102);
	b = attach(0, 2); /* another eventfd */
	assert_false(fake_is_bound(a));
	fake_signal(a);
	fake_signal(b);
	assert_int_equal(fake_last_msi(2)->irqfd, b);
	msi_detach(&table.msi, 0);
	assert_false(fake_is_bound(b));
	fake_signal(b);
	assert_int_equal(table_pending(), 0);
	msi_detach(&table.msi, 0);
	assert_int_equal(fake.msi_count, 2);
	assert_int_equal(fake.irqfd_count, 0);
}

/* Callers attach anew whenever something may have changed (M53). */
static void attached_again(void)
{
	unsigned calls;
	int fd;

	table_ready();
	fd = attach(0, 1);
	calls = fake.irqfd_calls + fake.routings;
	msi_attach(&table.msi, 0, 1, fd);
	assert_int_equal(fake.irqfd_calls + fake.routings, calls);
	assert_true(fake_is_bound(fd));
}

/* M47: vectors that there are not. */
static void attached_to_none(void)
{
	static const unsigned none[] = { TABLE_COUNT, 0xfffe, 0xffff,
					 UINT32_MAX };
	size_t i;

	table_ready();
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		int fd = attach(0, none[i]);

		fake_signal(fd);
		table_mask(0, 1);
		table_mask(0, 0);
		assert_false(fake_is_bound(fd));
		assert_int_equal(table_pending(), 0);
	}
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(fake.log_lines, 0);
}

static void two_of_one_vector(void)
{
	int a, b;

	table_ready();
	a = attach(0, 1);
	b = attach(1, 1);
	fake_signal(a);
	fake_signal(b);
	assert_int_equal(fake.msi_count, 2);
	table_mask(1, 1);
	fake_signal(b);
	assert_int_equal(table_pending(), 2);
	msi_detach(&table.msi, 1);
	table_mask(1, 0);
	assert_int_equal(fake_last_msi(3)->data, 101);
	assert_true(fake_is_bound(a));
}

static void attached_while_masked(void)
{
	int fd;

	table_machine();
	fd = fake_eventfd();
	fake_signal(fd);
	msi_attach(&table.msi, 1, 1, fd);
	assert_false(fake_is_bound(fd));
	table_program(1);
	table_mask(1, 0);
	assert_int_equal(fake.msi_count, 0);
	table_control(ENABLE);
	assert_int_equal(fake_last_msi(1)->data, 101);
}

/* -- Any order ----------------------------------------------------------- */

/* What the table should be, and what each vector still owes. */
static struct {
	int enabled, masked_all;
	int masked[TABLE_COUNT];
	uint32_t data[TABLE_COUNT];
	unsigned owed[TABLE_COUNT]; /* events not sent: at least one, if any */
	int fds[TABLE_COUNT]; /* of sources; two of vector 1 */
} model;

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 16) % n;
}

/* One vector has two sources, the last one none. */
static unsigned vector_of(unsigned source)
{
	return source % (TABLE_COUNT - 1);
}

static int is_open(unsigned vector)
{
	return model.enabled && !model.masked_all && !model.masked[vector];
}

static void step(void)
{
	unsigned source = pick(TABLE_COUNT);
	unsigned vector = pick(TABLE_COUNT);

	switch (pick(6)) {
	case 0:
		model.enabled = pick(4) != 0;
		model.masked_all = pick(3) == 0;
		table_control((model.enabled ? ENABLE : 0) |
			      (model.masked_all ? MASKALL : 0));
		break;
	case 1:
		model.masked[vector] = (int)pick(2);
		table_mask(vector, model.masked[vector]);
		break;
	case 2:
		model.data[vector] = 100 * pick(100) + vector;
		driver_mmio_write(table_entry(vector) + 8, 4,
				  model.data[vector]);
		break;
	case 3:
		(void)table_pending();
		break;
	case 4: /* what is raised while disabled is gone */
		model.owed[vector] += model.enabled != 0;
		msi_raise(&table.msi, vector);
		break;
	default:
		model.owed[vector_of(source)]++;
		fake_signal(model.fds[source]);
		break;
	}
}

/* Each vector that may send has sent what it owed, and nothing else. */
static void check(void)
{
	unsigned sent[TABLE_COUNT] = { 0 };
	uint64_t bits = 0;
	unsigned i;

	for (i = 0; i < fake.msi_count; i++) {
		unsigned vector = fake.msis[i].data % 100;

		assert_in_range(vector, 0, TABLE_COUNT - 1);
		assert_int_equal(fake.msis[i].data, model.data[vector]);
		sent[vector]++;
	}
	for (i = 0; i < TABLE_COUNT; i++) {
		if (is_open(i)) {
			assert_in_range(sent[i], model.owed[i] != 0,
					model.owed[i]);
			model.owed[i] = 0;
		} else {
			assert_int_equal(sent[i], 0);
			bits |= (uint64_t)(model.owed[i] != 0) << i;
		}
	}
	fake.msi_count = 0;
	for (i = 0; i < TABLE_COUNT; i++) {
		assert_int_equal(fake_is_bound(model.fds[i]),
				 is_open(vector_of(i)));
	}
	if (pick(3) == 0) {
		assert_int_equal(table_pending(), bits);
	}
}

static void any_order(void)
{
	unsigned i;

	table_ready();
	seed = 0x9e3779b97f4a7c15ull;
	model.enabled = 1;
	for (i = 0; i < TABLE_COUNT; i++) {
		model.data[i] = i;
		driver_mmio_write(table_entry(i) + 8, 4, i);
	}
	for (i = 0; i < TABLE_COUNT; i++) {
		model.fds[i] = attach(i, vector_of(i));
	}
	for (i = 0; i < 200000; i++) {
		step();
		check();
	}
	assert_int_equal(fake.log_lines, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(bound_while_open),	     TEST(masked_event_is_pending),
	TEST(masked_event_unseen),   TEST(rewritten_while_open),
	TEST(bad_address),	     TEST(host_refuses),
	TEST(attached_again),	     TEST(attached_elsewhere),
	TEST(attached_to_none),	     TEST(two_of_one_vector),
	TEST(attached_while_masked), TEST(any_order),
};

UNIT_MAIN("msix_source", tests)
