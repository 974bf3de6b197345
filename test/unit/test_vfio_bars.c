/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of a card of the host: mapped where they can be, around the MSI-X
 * table and pending bits; all others trapped, and forwarded as they are (M48).
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/vfio_guest.h"

#define MSIX 0x40
#define COUNT(areas) (sizeof(areas) / sizeof((areas)[0]))

static struct fake_card *card;
static uint64_t cfg;

static void machine(uint64_t size)
{
	card = vfio_card_with(size);
}

static void add(void)
{
	cfg = vfio_add_decoded(card);
}

/* -- Around table and pending bits --------------------------------------- */

/* QEMU's nvme, and most SSDs. */
static void table_among_registers(void)
{
	static const struct fake_area areas[] = { { 0, 0x2000 },
						  { 0x4000, 0x4000 } };

	machine(0x8000);
	vfio_card_msix(card, MSIX, 5, 0x2000, 0x3000);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
}

static void both_in_one_page(void)
{
	static const struct fake_area areas[] = { { 0, 0x2000 },
						  { 0x3000, 0x5000 } };

	machine(0x8000);
	vfio_card_msix(card, MSIX, 5, 0x2000, 0x2800);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
}

static void pending_bits_first(void)
{
	static const struct fake_area areas[] = { { 0x1000, 0x5000 },
						  { 0x7000, 0x1000 } };

	machine(0x8000);
	vfio_card_msix(card, MSIX, 5, 0x6ff0 - 0x50, 0x0);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
}

static void straddling_pages(void)
{
	static const struct fake_area areas[] = { { 0, 0x1000 },
						  { 0x3000, 0x4000 } };

	machine(0x8000);
	vfio_card_msix(card, MSIX, 64, 0x1f00, 0x7ff8);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
}

static void large_table(void)
{
	static const struct fake_area areas[] = { { 0x8000, 0x1000 },
						  { 0xa000, 0x6000 } };

	machine(0x10000);
	vfio_card_msix(card, MSIX, 2048, 0x0, 0x8000 + 0x1f00);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
}

static void table_in_a_bar_of_its_own(void)
{
	static const struct fake_area areas[] = { { 0, 0x8000 } };

	machine(0x8000);
	vfio_card_bar(card, 4, 0x1000, 0);
	vfio_card_msix(card, MSIX, 5, 0x0004, 0x0804);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
	vfio_mapped(card, cfg, 4, NULL, 0);
}

static void table_and_bits_in_two_bars(void)
{
	static const struct fake_area areas[] = { { 0x1000, 0x1000 } };

	machine(0x2000);
	vfio_card_bar(card, 1, 0x2000, 0);
	vfio_card_msix(card, MSIX, 5, 0x0, 0x0001);
	add();
	vfio_mapped(card, cfg, 0, areas, COUNT(areas));
	vfio_mapped(card, cfg, 1, areas, COUNT(areas));
}

static void hidden_bytes(void)
{
	uint64_t gpa;

	machine(0x8000);
	vfio_card_msix(card, MSIX, 5, 0x2000, 0x3000);
	add();
	gpa = vfio_bar(cfg, 0);
	/* Less than a dword: dropped, and reads nothing of the card. */
	driver_mmio_write(gpa + 0x2008, 1, 0xff);
	driver_mmio_write(gpa + 0x2008, 2, 0xffff);
	(void)driver_mmio_read(gpa + 0x2008, 2);
	(void)driver_mmio_read(gpa + 0x3000, 1);
	assert_int_equal(driver_mmio_read(gpa + 0x2008, 4), 0);
	driver_mmio_write(gpa + 0x3000, 8, ~0ull);
	assert_int_equal(fake_vfio.access_count, 0);
	assert_int_equal(driver_mmio_read(gpa + 0x3000, 8), 0);
	/* In the same pages, but behind them: the card's. */
	assert_int_equal(driver_mmio_read(gpa + 0x2050, 4), 0x2050);
	assert_int_equal(driver_mmio_read(gpa + 0x3008, 4), 0x3008);
	driver_mmio_write(gpa + 0x2ffc, 4, 0x1234);
	assert_int_equal(vfio_last_write()->offset, 0x2ffc);
}

/* -- Kinds of BARs ------------------------------------------------------- */

static void each_kind(void)
{
	static const struct fake_area all[] = { { 0, 0x800000 } };
	static const struct fake_area wide[] = { { 0, 0x1000000 } };

	machine(0x100);
	vfio_card_bar(card, 1, 0x800000, PCI_BASE_ADDRESS_MEM_PREFETCH);
	vfio_card_bar(card, 2, 0x1000000, BAR64);
	vfio_card_bar(card, 4, 0x20, BAR_IO);
	vfio_card_bar(card, PCI_ROM, 0x10000, 0);
	add();
	vfio_mapped(card, cfg, 1, all, 1);
	vfio_mapped(card, cfg, 2, wide, 1);
	assert_in_range(vfio_bar(cfg, 1), HOST_MEM32, HOST_MEM32 + 0xfffffff);
	assert_in_range(vfio_bar(cfg, 2), HOST_MEM64, HOST_MEM64 << 1);
	assert_in_range(vfio_bar(cfg, 4), HOST_IO, HOST_IO + 0xffff);
	/* Sizes, as a guest asks for them. */
	cfg_write(cfg, PCI_BASE_ADDRESS_2, 4, ~0u);
	cfg_write(cfg, PCI_BASE_ADDRESS_2 + 4, 4, ~0u);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_2, 4), 0xff000004);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_2 + 4, 4), 0xffffffff);
	cfg_write(cfg, PCI_ROM_ADDRESS, 4, ~0u);
	assert_int_equal(cfg_read(cfg, PCI_ROM_ADDRESS, 4), 0xffff0001);
}

/* A page of which the card has less: the kernel says if it can be mapped. */
static void less_than_a_page(void)
{
	static const struct fake_area all[] = { { 0, 0x1000 } };

	machine(0x100);
	vfio_card_bar(card, 1, 0x100, 0);
	card->regions[1].flags |= VFIO_REGION_INFO_FLAG_MMAP;
	add();
	vfio_mapped(card, cfg, 0, NULL, 0);
	vfio_mapped(card, cfg, 1, all, 1);
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 0) + 0xfc, 4), 0xfc);
	assert_int_equal((uint32_t)driver_mmio_read(vfio_bar(cfg, 0) + 0x100,
						    4),
			 UINT32_MAX);
}

static void forwarded_as_they_are(void)
{
	static const unsigned sizes[] = { 1, 2, 4, 8 };
	uint64_t gpa;
	size_t i;

	machine(0x100);
	vfio_card_bar(card, 4, 0x20, BAR_IO);
	add();
	for (i = 0; i < 8; i++) {
		const struct fake_access *access;
		unsigned size = sizes[i % 4];
		unsigned bar = i < 4 ? 0 : 4;

		gpa = vfio_bar(cfg, bar) + 0x10;
		driver_mmio_write(gpa, size, 0x8877665544332211);
		access = vfio_last_write();
		assert_int_equal(access->region, bar);
		assert_int_equal(access->offset, 0x10);
		assert_int_equal(access->size, size);
		assert_int_equal(access->value,
				 0x8877665544332211 & ~0ull >> (64 - 8 * size));
		assert_int_equal(driver_mmio_read(gpa, size), access->value);
		assert_int_equal(fake_vfio.access_count, 2);
		vfio_forget();
	}
}

static void rom(void)
{
	uint64_t gpa;

	machine(0x100);
	vfio_card_bar(card, PCI_ROM, 0x800, 0);
	add();
	gpa = vfio_bar(cfg, PCI_ROM);
	assert_int_equal((uint32_t)driver_mmio_read(gpa, 4), UINT32_MAX);
	cfg_write(cfg, PCI_ROM_ADDRESS, 4, PCI_ROM_ADDRESS_ENABLE);
	vfio_forget();
	assert_int_equal(driver_mmio_read(gpa + 4, 4), 0x60000004);
	driver_mmio_write(gpa + 4, 4, 0); /* read-only: not even tried */
	assert_int_equal(vfio_writes(), 0);
	assert_int_equal(fake.log_lines, 0);
}

/* -- The host refuses ---------------------------------------------------- */

static void map_refused(void)
{
	machine(0x8000);
	card->regions[0].map_error = -ENOMEM;
	vfio_card_bar(card, 1, 0x1000, 0);
	vfio_card_msix(card, MSIX, 5, 0x2000, 0x3000);
	add();
	assert_int_equal(fake.log_lines, 2);
	assert_true(vfio_logged("card: host device " CARD ": BAR 0 from 0x0 "
				"cannot be mapped; its registers are trapped"));
	assert_true(vfio_logged("BAR 0 from 0x4000 cannot be mapped"));
	assert_null(fake_guest(vfio_bar(cfg, 0)));
	assert_non_null(fake_guest(vfio_bar(cfg, 1)));
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 0) + 0x4010, 4),
			 0x4010);
	driver_mmio_write(vfio_bar(cfg, 0) + 0x10, 4, 7);
	assert_int_equal(vfio_last_write()->offset, 0x10);
}

static void neither_read_nor_written(void)
{
	machine(0x100);
	card->regions[0].flags = 0;
	add();
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 0), 8), ~0ull);
	driver_mmio_write(vfio_bar(cfg, 0), 8, 1);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void card_is_gone(void)
{
	machine(0x100);
	add();
	fake.fail_with = -EIO;
	fake.fail_at = fake.calls + 1;
	driver_mmio_write(HOST_MEM32 + 8, 4, 1);
	fake_one_line("card: a write of 4 bytes at 0x8 failed (-5)");
	fake.fail_at = fake.calls + 1;
	assert_int_equal(driver_mmio_read(HOST_MEM32 + 8, 8), ~0ull);
}

/* Two cards: each slot has its share of the windows. */
static void two_cards(void)
{
	struct fake_card *second;
	uint64_t other;

	machine(0x8000);
	second = vfio_card(CARD2);
	vfio_card_bar(second, 0, 0x8000, 0);
	add();
	other = vfio_add(second, 3);
	assert_null(fake_guest(vfio_bar(other, 0)));
	cfg_command(other, DECODED);
	cfg_command(cfg, 0);
	assert_null(fake_guest(vfio_bar(cfg, 0)));
	assert_ptr_equal(fake_guest(vfio_bar(other, 0)),
			 second->regions[0].data);
}

static const struct CMUnitTest tests[] = {
	TEST(table_among_registers),
	TEST(both_in_one_page),
	TEST(pending_bits_first),
	TEST(straddling_pages),
	TEST(large_table),
	TEST(table_in_a_bar_of_its_own),
	TEST(table_and_bits_in_two_bars),
	TEST(hidden_bytes),
	TEST(each_kind),
	TEST(less_than_a_page),
	TEST(forwarded_as_they_are),
	TEST(rom),
	TEST(map_refused),
	TEST(neither_read_nor_written),
	TEST(card_is_gone),
	TEST(two_cards),
};

UNIT_MAIN("vfio_bars", tests)
