/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated MSI-X table (PCI 3.0 section 6.8.2): enable, function mask,
 * vector mask and message in every order, for what software raises and for
 * what an eventfd raises (M47-M51).
 */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/msix_guest.h"

/* -- The table ----------------------------------------------------------- */

static void capability(void)
{
	table_machine();
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_FLAGS, 2),
			 TABLE_COUNT - 1);
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_TABLE, 4),
			 TABLE_BAR);
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_PBA, 4),
			 0x800 | TABLE_BAR);
	assert_int_equal(cfg_bar(table_cfg, TABLE_BAR), TABLE_GPA);
}

/* M49: table, PBA and size are where they are. */
static void capability_stays(void)
{
	table_machine();
	cfg_write(table_cfg, table_cap, 4, 0xffffffff);
	cfg_write(table_cfg, table_cap + PCI_MSIX_TABLE, 4, 0xffffffff);
	cfg_write(table_cfg, table_cap + PCI_MSIX_PBA, 4, 0xfffffff8);
	assert_int_equal(cfg_read(table_cfg, table_cap, 1), PCI_CAP_ID_MSIX);
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_FLAGS, 2),
			 ENABLE | MASKALL | (TABLE_COUNT - 1));
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_TABLE, 4),
			 TABLE_BAR);
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_PBA, 4),
			 0x800 | TABLE_BAR);
	cfg_write(table_cfg, table_cap + PCI_MSIX_FLAGS + 1, 1, 0);
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_FLAGS, 2),
			 TABLE_COUNT - 1);
	table_program(2);
	assert_int_equal(driver_mmio_read(table_entry(2) + 8, 4), 102);
}

static void after_reset(void)
{
	unsigned i;

	table_machine();
	for (i = 0; i < TABLE_COUNT; i++) {
		assert_int_equal(driver_mmio_read(table_entry(i), 8), 0);
		assert_int_equal(driver_mmio_read(table_entry(i) + 8, 8),
				 1ull << 32);
	}
	assert_int_equal(table_pending(), 0);
	assert_false(table.msi.enabled);
}

/* Section 6.8.2: dwords and qwords; reserved bits read 0. */
static void reads_back(void)
{
	unsigned i;

	table_machine();
	for (i = 0; i < TABLE_COUNT; i++) {
		driver_mmio_write(table_entry(i), 4, 0xffffffff);
		driver_mmio_write(table_entry(i) + 4, 4, 0x12345678 + i);
		driver_mmio_write(table_entry(i) + 8, 4, 0x9abcdef0 + i);
		driver_mmio_write(table_entry(i) + 12, 4, 0xfffffffe);
	}
	for (i = 0; i < TABLE_COUNT; i++) {
		assert_int_equal(driver_mmio_read(table_entry(i), 4),
				 0xfffffffc);
		assert_int_equal(driver_mmio_read(table_entry(i) + 4, 4),
				 0x12345678 + i);
		assert_int_equal(driver_mmio_read(table_entry(i) + 8, 8),
				 0x9abcdef0 + i);
		driver_mmio_write(table_entry(i), 8,
				  0x1111222233334444 * (i + 1));
		driver_mmio_write(table_entry(i) + 8, 8, 0x1aaaaaaaa);
	}
	for (i = 0; i < TABLE_COUNT; i++) {
		assert_int_equal(driver_mmio_read(table_entry(i), 8),
				 0x1111222233334444 * (i + 1));
		assert_int_equal(driver_mmio_read(table_entry(i) + 8, 4),
				 0xaaaaaaaa);
		assert_int_equal(driver_mmio_read(table_entry(i) + 12, 4), 1);
	}
}

/* M48: behind the table, in front of and behind the PBA: nothing. */
static void behind_the_table(void)
{
	struct msix before;
	uint64_t offset;

	table_ready();
	before = table;
	for (offset = 16 * TABLE_COUNT; offset < 0x1000; offset += 4) {
		driver_mmio_write(TABLE_GPA + offset, 4, UINT32_MAX);
		assert_int_equal(driver_mmio_read(TABLE_GPA + offset, 4), 0);
		if (offset % 8 == 0) {
			driver_mmio_write(TABLE_GPA + offset, 8, UINT64_MAX);
			assert_int_equal(driver_mmio_read(TABLE_GPA + offset,
							  8),
					 0);
		}
	}
	assert_memory_equal(&table, &before, sizeof(table));
	assert_int_equal(fake.msi_count, 0);
}

/* M48: bytes, halves and what is not aligned. */
static void other_widths(void)
{
	struct msix before;
	uint64_t offset;
	unsigned size;

	table_ready();
	before = table;
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= 0x1000; offset++) {
			if (size < 4 || offset % size != 0) {
				driver_mmio_write(TABLE_GPA + offset, size, 0);
				(void)driver_mmio_read(TABLE_GPA + offset,
						       size);
			}
		}
	}
	assert_memory_equal(&table, &before, sizeof(table));
}

static void pending_is_read_only(void)
{
	table_ready();
	table_mask(1, 1);
	msi_raise(&table.msi, 1);
	driver_mmio_write(PBA_GPA, 8, UINT64_MAX);
	driver_mmio_write(PBA_GPA, 4, 0);
	assert_int_equal(table_pending(), 1u << 1);
	assert_int_equal(driver_mmio_read(PBA_GPA, 4), 1u << 1);
	assert_int_equal(driver_mmio_read(PBA_GPA + 4, 4), 0);
}

/* -- What software raises ------------------------------------------------ */

static void raise(void)
{
	const struct fake_msi *msi;
	unsigned i;

	table_ready();
	for (i = 0; i < TABLE_COUNT; i++) {
		msi_raise(&table.msi, i);
		msi = fake_last_msi(i + 1);
		assert_int_equal(msi->address, TRANSLATER);
		assert_int_equal(msi->data, 100 + i);
		assert_int_equal(msi->device, TABLE_SLOT << 3);
	}
	assert_int_equal(table_pending(), 0);
}

/* M47 */
static void raise_no_vector(void)
{
	static const unsigned none[] = { TABLE_COUNT, TABLE_COUNT + 1,
					 63,	      0xfffe,
					 0xffff,      UINT32_MAX };
	size_t i;

	table_ready();
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		msi_raise(&table.msi, none[i]);
		table_control(ENABLE | MASKALL);
		msi_raise(&table.msi, none[i]);
		table_control(ENABLE);
	}
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(table_pending(), 0);
}

static void raise_disabled(void)
{
	table_ready();
	table_control(0);
	msi_raise(&table.msi, 0);
	assert_int_equal(table_pending(), 0);
	table_control(ENABLE);
	assert_int_equal(fake.msi_count, 0);
}

/* Pending is one bit: however often, it is sent once. */
static void raise_masked(void)
{
	table_ready();
	table_mask(1, 1);
	msi_raise(&table.msi, 1);
	msi_raise(&table.msi, 1);
	msi_raise(&table.msi, 2);
	assert_int_equal(fake_last_msi(1)->data, 102);
	assert_int_equal(table_pending(), 1u << 1);
	table_mask(1, 0);
	assert_int_equal(fake_last_msi(2)->data, 101);
	assert_int_equal(table_pending(), 0);
	table_mask(1, 1);
	table_mask(1, 0);
	assert_int_equal(fake.msi_count, 2);
}

static void raise_function_masked(void)
{
	table_ready();
	table_control(ENABLE | MASKALL);
	msi_raise(&table.msi, 0);
	msi_raise(&table.msi, 2);
	table_mask(2, 1);
	assert_int_equal(table_pending(), 5);
	table_control(ENABLE);
	assert_int_equal(fake_last_msi(1)->data, 100);
	assert_int_equal(table_pending(), 4);
	table_mask(2, 0);
	assert_int_equal(fake_last_msi(2)->data, 102);
}

/* What is table_pending goes where the message says when it is unmasked. */
static void raise_rewritten(void)
{
	table_ready();
	table_mask(0, 1);
	msi_raise(&table.msi, 0);
	driver_mmio_write(table_entry(0) + 8, 4, 555);
	assert_int_equal(fake.msi_count, 0);
	table_mask(0, 0);
	assert_int_equal(fake_last_msi(1)->data, 555);
	driver_mmio_write(table_entry(0) + 8, 4, 556);
	assert_int_equal(fake.msi_count, 1);
	msi_raise(&table.msi, 0);
	assert_int_equal(fake_last_msi(2)->data, 556);
}

/* Both at once, by the byte that has them. */
static void enable_and_mask_by_byte(void)
{
	table_ready();
	cfg_write(table_cfg, table_cap + PCI_MSIX_FLAGS + 1, 1,
		  (ENABLE | MASKALL) >> 8);
	msi_raise(&table.msi, 1);
	assert_int_equal(fake.msi_count, 0);
	cfg_write(table_cfg, table_cap, 4, (uint32_t)ENABLE << 16);
	assert_int_equal(fake.msi_count, 1);
}

/* M51: one line, and nothing else happens. */
static void bad_message(void)
{
	table_ready();
	driver_mmio_write(table_entry(0), 8, RAM);
	msi_raise(&table.msi, 0);
	fake_one_line("device 0x8: MSI 0x64 to 0x40000000: nobody takes it");
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(table_pending(), 0);
}

static void all_reset(void)
{
	table_ready();
	table_mask(1, 1);
	msi_raise(&table.msi, 1);
	msi_attach(&table.msi, 0, 0, fake_eventfd());
	msi_reset(&table.msi);
	assert_int_equal(fake.irqfd_count, 0);
	assert_int_equal(table_pending(), 0);
	assert_int_equal(driver_mmio_read(table_entry(1) + 8, 8), 1ull << 32);
}

static void too_many_vectors(void)
{
	table_machine();
	assert_int_equal(EXITS(msix_init(&table, &table_function, TABLE_BAR,
					 CONFIG_MAX_VECTORS + 1)),
			 EXIT_BUG);
	assert_int_equal(EXITS(msi_attach(&table.msi, CONFIG_MAX_VECTORS, 0,
					  5)),
			 EXIT_BUG);
}

static const struct CMUnitTest tests[] = {
	TEST(capability),
	TEST(capability_stays),
	TEST(after_reset),
	TEST(reads_back),
	TEST(behind_the_table),
	TEST(other_widths),
	TEST(raise),
	TEST(pending_is_read_only),
	TEST(raise_no_vector),
	TEST(raise_disabled),
	TEST(raise_masked),
	TEST(raise_function_masked),
	TEST(raise_rewritten),
	TEST(enable_and_mask_by_byte),
	TEST(bad_message),
	TEST(all_reset),
	TEST(too_many_vectors),
};

UNIT_MAIN("msix", tests)
