/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of trapped accesses: widths, alignment, ends, nobody's (part D). */
#include <string.h>

#include "core/config.h"
#include "core/log.h"
#include "core/mmio.h"
#include "test/unit/fake.h"

static struct seen {
	unsigned calls;
	struct mmio_access access;
	void *ctx;
} seen;

static char ctx_a, ctx_b;

static void handler(void *ctx, struct mmio_access *access)
{
	seen.calls++;
	seen.access = *access;
	seen.ctx = ctx;
	if (!access->write) {
		access->value = 0x1122334455667788;
	}
}

static void claim(uint64_t gpa, uint64_t size, unsigned widths, void *ctx)
{
	const struct mmio_window window = { gpa, size, widths, handler, ctx };

	mmio_claim(&window);
}

static void windows(void)
{
	fake_reset();
	memset(&seen, 0, sizeof(seen));
	claim(0x1000, 0x200, MMIO_4, &ctx_a);
	claim(0x1200, 0x200, MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8, &ctx_b);
	claim(0xfffffffffffff000, 0x1000, MMIO_4, &ctx_a);
}

/* 1: answered by the handler, 2: answered, handler not called, 0: nobody. */
static int touch(uint64_t gpa, unsigned size, int write)
{
	struct mmio_access access = { .size = size,
				      .write = write,
				      .value = 0x99 };
	unsigned before = seen.calls;
	int answered = mmio_dispatch(gpa, &access);

	if (!answered) {
		assert_int_equal(seen.calls, before);
		return 0;
	}
	if (seen.calls == before) {
		/* A read that is dropped must not show what was before. */
		assert_int_equal(access.value, write ? 0x99 : 0);
		return 2;
	}
	assert_int_equal(seen.calls, before + 1);
	return 1;
}

static void read_and_write(void)
{
	struct mmio_access read = { .size = 4, .value = 7 };
	struct mmio_access write = { .size = 4,
				     .write = 1,
				     .value = 0xcafef00d };

	windows();
	assert_int_equal(mmio_dispatch(0x1010, &read), 1);
	assert_int_equal(seen.access.offset, 0x10);
	assert_int_equal(seen.access.write, 0);
	assert_int_equal(seen.access.value, 0); /* not what was before */
	assert_int_equal(read.value, 0x1122334455667788);
	assert_ptr_equal(seen.ctx, &ctx_a);
	assert_int_equal(mmio_dispatch(0x13fc, &write), 1);
	assert_int_equal(seen.access.offset, 0x1fc);
	assert_int_equal(seen.access.write, 1);
	assert_int_equal(seen.access.value, 0xcafef00d);
	assert_ptr_equal(seen.ctx, &ctx_b);
}

static void widths(void)
{
	int write;

	windows();
	for (write = 0; write <= 1; write++) {
		assert_int_equal(touch(0x1000, 1, write), 2);
		assert_int_equal(touch(0x1000, 2, write), 2);
		assert_int_equal(touch(0x1000, 4, write), 1);
		assert_int_equal(touch(0x1000, 8, write), 2);
		assert_int_equal(touch(0x1200, 1, write), 1);
		assert_int_equal(touch(0x1200, 2, write), 1);
		assert_int_equal(touch(0x1200, 4, write), 1);
		assert_int_equal(touch(0x1200, 8, write), 1);
	}
}

static void alignment(void)
{
	unsigned size;
	uint64_t offset;

	windows();
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset < 16; offset++) {
			assert_int_equal(touch(0x1200 + offset, size, 0),
					 offset % size == 0 ? 1 : 2);
		}
	}
}

/* M39: every offset x 1/2/4/8 bytes x read/write reaches it or does not. */
static void every_offset(void)
{
	uint64_t at;
	unsigned size;
	int write;

	windows();
	for (at = 0x0ff0; at < 0x1410; at++) {
		for (size = 1; size <= 8; size *= 2) {
			int in_a = at >= 0x1000 && at + size <= 0x1200;
			int in_b = at >= 0x1200 && at + size <= 0x1400;
			int expected = in_a ? size == 4 && at % 4 == 0 ? 1 : 2 :
				       in_b ? at % size == 0 ? 1 : 2 :
					      0;

			for (write = 0; write <= 1; write++) {
				assert_int_equal(touch(at, size, write),
						 expected);
			}
		}
	}
}

/* M40, M41: over the last byte, across two devices. */
static void straddling(void)
{
	windows();
	assert_int_equal(touch(0x11fe, 4, 1), 0);
	assert_int_equal(touch(0x11fc, 8, 1), 0); /* both are claimed */
	assert_int_equal(touch(0x13ff, 2, 0), 0);
	assert_int_equal(touch(0x13fc, 8, 1), 0);
	assert_int_equal(touch(0x0ffc, 8, 1), 0); /* ends inside */
}

static void unclaimed(void)
{
	windows();
	assert_int_equal(touch(0, 4, 0), 0);
	assert_int_equal(touch(0x0fff, 1, 0), 0);
	assert_int_equal(touch(0x1400, 1, 0), 0);
	assert_int_equal(touch(0x40000000, 8, 1), 0);
}

/* A window at the end of the address space must not wrap. */
static void last_window(void)
{
	windows();
	assert_int_equal(touch(0xfffffffffffffffc, 4, 1), 1);
	assert_int_equal(touch(0xfffffffffffffffc, 8, 1), 0);
	assert_int_equal(touch(0xfffffffffffffff8, 8, 1), 2);
	assert_int_equal(touch(0xffffffffffffefff, 1, 1), 0);
}

static void no_windows(void)
{
	fake_reset();
	assert_int_equal(touch(0, 1, 0), 0);
}

static void too_many_windows(void)
{
	unsigned i;

	fake_reset();
	/* As many as the limits of core/config.h allow in all. */
	for (i = 0; i < CONFIG_MAX_WINDOWS; i++) {
		claim(0x1000 * i, 0x1000, MMIO_4, NULL);
		assert_int_equal(touch(0x1000 * i + 0xffc, 4, 0), 1);
	}
	assert_int_equal(EXITS(claim(0x100000, 4, MMIO_4, NULL)), EXIT_BUG);
}

static const struct CMUnitTest tests[] = {
	TEST(read_and_write), TEST(widths),	TEST(alignment),
	TEST(every_offset),   TEST(straddling), TEST(unclaimed),
	TEST(last_window),    TEST(no_windows), TEST(too_many_windows),
};

UNIT_MAIN("mmio", tests)
