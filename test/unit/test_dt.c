/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree writer: cells, names, and the sticky error. */
#include <libfdt.h>
#include <string.h>

#include "core/dt.h"
#include "test/unit/fake.h"

static char blob[2048];
static struct dt dt;

static void start(void)
{
	fake_reset();
	memset(blob, 0xee, sizeof(blob));
	dt_start(&dt, blob, sizeof(blob));
	dt_begin(&dt, "");
}

static void finish(void)
{
	int size;

	dt_end(&dt);
	size = dt_finish(&dt);
	assert_int_equal(size, fdt_totalsize(blob));
	assert_int_equal(fdt_check_full(blob, sizeof(blob)), 0);
}

static void prop_is(const char *node, const char *name, const void *bytes,
		    int len)
{
	int have;
	const void *prop = fdt_getprop(blob, fdt_path_offset(blob, node), name,
				       &have);

	assert_non_null(prop);
	assert_int_equal(have, len);
	assert_memory_equal(prop, bytes, (size_t)len);
}

static void properties(void)
{
	static const char strings[] = "one\0two";
	static const uint32_t cells[] = { 0x01020304, 5 };

	start();
	dt_u32(&dt, "u32", 0x12345678);
	dt_u64(&dt, "u64", 0x123456789abcdef0);
	dt_string(&dt, "string", "text");
	dt_strings(&dt, "strings", strings);
	dt_flag(&dt, "flag");
	dt_cells(&dt, "cells", cells, 2);
	dt_bytes(&dt, "bytes", "\1\2\3", 3);
	finish();
	prop_is("/", "u32", "\x12\x34\x56\x78", 4);
	prop_is("/", "u64", "\x12\x34\x56\x78\x9a\xbc\xde\xf0", 8);
	prop_is("/", "string", "text", 5);
	prop_is("/", "strings", "one\0two", 8);
	prop_is("/", "flag", "", 0);
	prop_is("/", "cells", "\1\2\3\4\0\0\0\5", 8);
	prop_is("/", "bytes", "\1\2\3", 3);
}

static void nodes(void)
{
	start();
	dt_begin(&dt, "a");
	dt_begin_at(&dt, "uart", 0x9000000);
	dt_end(&dt);
	dt_begin_at(&dt, "big", 0xfedcba9876543210);
	dt_end(&dt);
	dt_end(&dt);
	finish();
	assert_true(fdt_path_offset(blob, "/a/uart@9000000") > 0);
	assert_true(fdt_path_offset(blob, "/a/big@fedcba9876543210") > 0);
}

static void reg(void)
{
	static const uint64_t pairs[] = { 0x0102030405060708, 0x1000,
					  0x40000000, 0x8000000000 };

	start();
	dt_begin(&dt, "one");
	dt_reg(&dt, pairs, 1);
	dt_end(&dt);
	dt_begin(&dt, "two");
	dt_reg(&dt, pairs, 2);
	dt_end(&dt);
	finish();
	prop_is("/one", "reg", "\1\2\3\4\5\6\7\10\0\0\0\0\0\0\20\0", 16);
	prop_is("/two", "reg",
		"\1\2\3\4\5\6\7\10\0\0\0\0\0\0\20\0"
		"\0\0\0\0\100\0\0\0\0\0\0\200\0\0\0\0",
		32);
}

static void spi(void)
{
	start();
	dt_spi(&dt, 17, DT_IRQ_LEVEL_HIGH);
	finish();
	prop_is("/", "interrupts", "\0\0\0\0\0\0\0\21\0\0\0\4", 12);
}

/* The most cells, and one more. */
static void too_many_cells(void)
{
	static const uint32_t cells[41];

	start();
	dt_cells(&dt, "most", cells, 40);
	assert_int_equal(dt.error, 0);
	dt_cells(&dt, "more", cells, 41);
	assert_int_equal(dt.error, -FDT_ERR_NOSPACE);
	dt_end(&dt);
	assert_true(dt_finish(&dt) < 0);
}

static void too_many_pairs(void)
{
	static const uint64_t pairs[64];

	start();
	dt_reg(&dt, pairs, 10);
	assert_int_equal(dt.error, 0);
	dt_reg(&dt, pairs, 11);
	assert_int_equal(dt.error, -FDT_ERR_NOSPACE);
}

/* The first error stays, whatever comes after it. */
static void error_is_sticky(void)
{
	static const uint32_t cells[41];

	start();
	dt_cells(&dt, "more", cells, 41);
	assert_int_equal(dt.error, -FDT_ERR_NOSPACE);
	dt_u32(&dt, "fine", 1);
	assert_int_equal(dt.error, -FDT_ERR_NOSPACE);
	dt_end(&dt);
	assert_int_equal(dt_finish(&dt), -FDT_ERR_NOSPACE);
	dt_u32(&dt, "late", 1); /* another error: the tree is finished */
	assert_int_equal(dt.error, -FDT_ERR_NOSPACE);
}

static void property_after_the_end(void)
{
	start();
	finish();
	dt_u32(&dt, "late", 1);
	assert_true(dt.error < 0);
}

/* Any room that is too small is an error, never an overrun. */
static void no_room(void)
{
	size_t need, size;

	start();
	dt_begin_at(&dt, "node", 1);
	dt_string(&dt, "name", "a longer text");
	dt_end(&dt);
	finish();
	need = fdt_totalsize(blob);
	for (size = 0; size < need; size++) {
		memset(blob, 0xee, sizeof(blob));
		dt_start(&dt, blob, size);
		dt_begin(&dt, "");
		dt_begin_at(&dt, "node", 1);
		dt_string(&dt, "name", "a longer text");
		dt_end(&dt);
		dt_end(&dt);
		assert_true(dt_finish(&dt) < 0);
		assert_int_equal((uint8_t)blob[size], 0xee);
	}
}

/* -- dt_copy ------------------------------------------------------------- */

static char other[2048];

/* A tree to copy from: two nodes, the second with children and phandles. */
static void make_other(void)
{
	struct dt from;

	dt_start(&from, other, sizeof(other));
	dt_begin(&from, "");
	dt_u32(&from, "#address-cells", 1);
	dt_flag(&from, "of-the-root");
	dt_begin(&from, "clock");
	dt_u32(&from, "clock-frequency", 24000000);
	dt_u32(&from, "phandle", 0x100);
	dt_end(&from);
	dt_begin_at(&from, "mac", 0x9000000);
	dt_u32(&from, "clocks", 0x100);
	dt_flag(&from, "dma-coherent");
	dt_begin(&from, "mdio");
	dt_begin_at(&from, "phy", 1);
	dt_bytes(&from, "local-mac-address", "\2\0\0\0\0\1", 6);
	dt_end(&from);
	dt_end(&from);
	dt_begin(&from, "empty");
	dt_end(&from);
	dt_end(&from);
	dt_end(&from);
	assert_true(dt_finish(&from) > 0);
}

static int node_count(const void *tree)
{
	int n = 0;
	int at;

	for (at = fdt_next_node(tree, -1, NULL); at >= 0;
	     at = fdt_next_node(tree, at, NULL)) {
		n++;
	}
	return n;
}

static void copy(void)
{
	int len;

	make_other();
	start();
	dt_u32(&dt, "#address-cells", 2);
	dt_begin(&dt, "before");
	dt_end(&dt);
	dt_copy(&dt, other);
	dt_begin(&dt, "after");
	dt_end(&dt);
	finish();
	assert_int_equal(node_count(blob), 3 + 5);
	prop_is("/", "#address-cells", "\0\0\0\2", 4);
	assert_null(fdt_getprop(blob, 0, "of-the-root", &len));
	prop_is("/clock", "clock-frequency", "\1\x6e\x36\0", 4);
	prop_is("/clock", "phandle", "\0\0\1\0", 4);
	prop_is("/mac@9000000", "clocks", "\0\0\1\0", 4);
	prop_is("/mac@9000000", "dma-coherent", "", 0);
	prop_is("/mac@9000000/mdio/phy@1", "local-mac-address", "\2\0\0\0\0\1",
		6);
	assert_true(fdt_path_offset(blob, "/mac@9000000/empty") > 0);
	assert_true(fdt_path_offset(blob, "/after") > 0);
}

/* Edited trees have holes. */
static void copy_with_holes(void)
{
	make_other();
	assert_int_equal(fdt_nop_property(other,
					  fdt_path_offset(other, "/clock"),
					  "clock-frequency"),
			 0);
	assert_int_equal(fdt_nop_node(other,
				      fdt_path_offset(other,
						      "/mac@9000000/mdio")),
			 0);
	start();
	dt_copy(&dt, other);
	finish();
	assert_int_equal(node_count(blob), 1 + 3);
	prop_is("/clock", "phandle", "\0\0\1\0", 4);
	prop_is("/mac@9000000", "clocks", "\0\0\1\0", 4);
}

static void copy_of_no_nodes(void)
{
	struct dt from;

	dt_start(&from, other, sizeof(other));
	dt_begin(&from, "");
	dt_flag(&from, "of-the-root");
	dt_end(&from);
	assert_true(dt_finish(&from) > 0);
	start();
	dt_copy(&dt, other);
	finish();
	assert_int_equal(node_count(blob), 1);
}

/* Our own build made it; still, the copy of a broken one ends. */
static void copy_of_a_broken_tree(void)
{
	int cut;

	make_other();
	for (cut = 4; cut < (int)fdt_size_dt_struct(other); cut += 4) {
		int size = (int)fdt_size_dt_struct(other);

		start();
		fdt_set_size_dt_struct(other, (uint32_t)(size - cut));
		dt_copy(&dt, other);
		assert_true(dt.error < 0);
		fdt_set_size_dt_struct(other, (uint32_t)size);
	}
}

static void copy_without_room(void)
{
	make_other();
	memset(blob, 0xee, sizeof(blob));
	dt_start(&dt, blob, 256);
	dt_begin(&dt, "");
	dt_copy(&dt, other);
	dt_end(&dt);
	assert_int_equal(dt.error, -FDT_ERR_NOSPACE);
	assert_int_equal((uint8_t)blob[256], 0xee);
}

static const struct CMUnitTest tests[] = {
	TEST(properties),
	TEST(nodes),
	TEST(reg),
	TEST(spi),
	TEST(too_many_cells),
	TEST(too_many_pairs),
	TEST(error_is_sticky),
	TEST(property_after_the_end),
	TEST(no_room),
	TEST(copy),
	TEST(copy_with_holes),
	TEST(copy_of_no_nodes),
	TEST(copy_of_a_broken_tree),
	TEST(copy_without_room),
};

UNIT_MAIN("dt", tests)
