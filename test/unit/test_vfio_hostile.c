/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards that lie: about their capabilities, their BARs, their vectors, their
 * regions. Refused with one line, or taken without what cannot be right.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/vfio_guest.h"

#define BROKEN "its list of capabilities is broken at "

static struct fake_card *card;
static uint64_t cfg;

static void machine(void)
{
	card = vfio_card_with(0x8000);
}

/* -- Capabilities -------------------------------------------------------- */

/* Taken, with one line or none, and a list of so many capabilities. */
static void taken(const char *line, unsigned capabilities)
{
	unsigned at;

	cfg = vfio_add(card, 0);
	if (line) {
		fake_one_line(line);
	} else {
		assert_int_equal(fake.log_lines, 0);
	}
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 4), 0x56781234);
	assert_int_equal(cfg_read(cfg, PCI_STATUS, 2),
			 capabilities > 0 ? PCI_STATUS_CAP_LIST : 0);
	at = cfg_read(cfg, PCI_CAPABILITY_LIST, 1);
	while (at != 0) {
		assert_in_range(at, 0x40, 0xfc);
		assert_true(capabilities-- > 0);
		at = cfg_read(cfg, at + 1, 1);
	}
	assert_int_equal(capabilities, 0);
}

static void loop_of_one(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x40);
	vfio_set(card, 0x41, 1, 0x40);
	taken(BROKEN "0x40; the rest is hidden", 1);
}

static void loop_of_two(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x40);
	vfio_card_msi(card, 0x50, 0);
	vfio_set(card, 0x51, 1, 0x40);
	taken(BROKEN "0x40", 2);
}

static void loop_of_hidden(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_AF, 0x40);
	vfio_card_capability(card, PCI_CAP_ID_VPD, 0x80);
	vfio_set(card, 0x81, 1, 0x40);
	taken(BROKEN "0x40", 0);
}

/* Into the header, where a rebuilt list would write over the vendor id. */
static void into_the_header(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x40);
	vfio_set(card, 0x41, 1, 0x04);
	taken(BROKEN "0x4", 1);
}

static void first_into_the_header(void)
{
	machine();
	vfio_set(card, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	vfio_set(card, PCI_CAPABILITY_LIST, 1, 0x3c);
	taken(BROKEN "0x3c", 0);
}

/* The lowest bits of a pointer are none. */
static void unaligned_pointers(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x40);
	vfio_set(card, 0x41, 1, 0x53);
	vfio_set(card, 0x50, 2, PCI_CAP_ID_VNDR | 0x0300);
	vfio_set(card, 0x52, 1, 4);
	taken(NULL, 2);
}

static void beyond_the_end(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x40);
	vfio_card_capability(card, PCI_CAP_ID_MSIX, 0xf8);
	taken(BROKEN "0xf8", 1);
}

static void vendor_beyond_the_end(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_VNDR, 0xfc);
	vfio_set(card, 0xfe, 1, 255);
	taken(BROKEN "0xfc", 0);
}

static void vendor_to_the_end(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_VNDR, 0xf0);
	vfio_set(card, 0xf2, 1, 16);
	taken(NULL, 1);
	cfg_write(cfg, 0xfc, 4, 0x12345678);
	assert_int_equal(cfg_read(cfg, 0xfc, 4), 0x12345678);
}

/* Header and length only, with one byte behind them. */
static void vendor_of_no_length(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_VNDR, 0x40);
	taken(NULL, 1);
	cfg_write(cfg, 0x44, 4, ~0u);
	assert_int_equal(cfg_read(cfg, 0x44, 4), 0);
}

/* PM within a vendor's bytes, that the guest may write: PM is hidden. */
static void overlapping(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_VNDR, 0x40);
	vfio_set(card, 0x42, 1, 0x20);
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x58);
	taken(BROKEN "0x58", 1);
}

static void overlapped_from_behind(void)
{
	machine();
	vfio_card_msix(card, 0x60, 2, 0x1000, 0x2000);
	vfio_card_capability(card, PCI_CAP_ID_VNDR, 0x50);
	vfio_set(card, 0x52, 1, 0x14);
	taken(BROKEN "0x50", 1);
}

/* The host goes by the first of a kind; the second is hidden. */
static void two_of_a_kind(void)
{
	machine();
	vfio_card_msi(card, 0x40, 0);
	vfio_card_msix(card, 0x50, 2, 0x1000, 0x2000);
	vfio_card_msix(card, 0x60, 2, 0x4000, 0x5000);
	vfio_card_msi(card, 0x70, PCI_MSI_FLAGS_64BIT | 0x0a);
	card->irqs[VFIO_PCI_MSI_IRQ_INDEX] = 1;
	card->table = 0x1000;
	taken(NULL, 2);
	cfg_command(cfg, DECODED);
	assert_null(fake_guest(vfio_bar(cfg, 0) + 0x1000));
	assert_non_null(fake_guest(vfio_bar(cfg, 0) + 0x4000));
	cfg_write(cfg, 0x70 + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE);
	cfg_write(cfg, 0x60 + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(card->kind, VFIO_PCI_INTX_IRQ_INDEX);
	cfg_write(cfg, 0x40 + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(card->kind, VFIO_PCI_MSI_IRQ_INDEX);
}

static void all_ones(void)
{
	machine();
	memset(fake_card_config(card), 0xff, FAKE_CONFIG);
	vfio_refused(card,
		     "BAR 0 has 0x8000 bytes, which is no power of two, or "
		     "more than the 0x800 that it can have");
}

/* Gone after its ids were read. */
static void ones_but_its_ids(void)
{
	machine();
	memset(fake_card_config(card) + 4, 0xff, FAKE_CONFIG - 4);
	memset(fake_card_config(card) + PCI_BASE_ADDRESS_0, 0, 24);
	vfio_refused(card, "header type 127: it is no endpoint, but a bridge");
}

static void ones_from_the_list_on(void)
{
	machine();
	memset(fake_card_config(card) + 0x40, 0xff, FAKE_CONFIG - 0x40);
	vfio_set(card, PCI_STATUS, 2, 0xffff);
	vfio_set(card, PCI_CAPABILITY_LIST, 1, 0xff);
	cfg = vfio_add(card, 0);
	assert_int_equal(cfg_read(cfg, PCI_CAPABILITY_LIST, 1), 0);
	assert_int_equal(cfg_read(cfg, 0x100, 4), 0);
}

static void bridge(void)
{
	machine();
	vfio_set(card, PCI_HEADER_TYPE, 1, 0x81);
	vfio_refused(card, "header type 1: it is no endpoint, but a bridge");
}

static void multifunction(void)
{
	machine();
	vfio_set(card, PCI_HEADER_TYPE, 1, 0x80);
	taken(NULL, 0);
	assert_int_equal(cfg_read(cfg, PCI_HEADER_TYPE, 1), 0);
}

/* A list that its status does not announce. */
static void unannounced(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_PM, 0x40);
	vfio_set(card, PCI_STATUS, 2, 0);
	taken(NULL, 0);
	vfio_set(card, PCI_STATUS, 2, PCI_STATUS_CAP_LIST); /* now it does */
	assert_int_equal(cfg_read(cfg, PCI_STATUS, 2), 0);
}

static void conventional(void)
{
	machine();
	card->regions[VFIO_PCI_CONFIG_REGION_INDEX].size = PCI_CONFIG_SIZE;
	vfio_set(card, 0x100, 4, 0x00010003);
	taken(NULL, 0);
	assert_int_equal(cfg_read(cfg, 0x100, 4), 0);
}

/* -- Extended capabilities ----------------------------------------------- */

static uint32_t extended(uint32_t at_100, uint32_t at_200)
{
	machine();
	vfio_set(card, 0x100, 4, at_100);
	vfio_set(card, 0x200, 4, at_200);
	taken(NULL, 0);
	return cfg_read(cfg, 0x100, 4);
}

static void extended_loop(void)
{
	assert_int_equal(extended(0x20010001, 0x10010002), 0);
}

static void extended_into_the_header(void)
{
	assert_int_equal(extended(0x04010001, 0), 0);
}

static void serial_number_first(void)
{
	assert_int_equal(extended(0x20010003, 0x00010003), 0x00010003);
}

static void serial_number_beyond_the_end(void)
{
	machine();
	vfio_set(card, 0x100, 4, 0xff810001);
	vfio_set(card, 0xff8, 4, 0x00010003);
	taken(NULL, 0);
	assert_int_equal(cfg_read(cfg, 0x100, 4), 0);
	assert_int_equal(cfg_read(cfg, 0xff8, 4), 0);
}

/* -- MSI-X table and pending bits ---------------------------------------- */

static void msix(uint32_t table, uint32_t pba, const char *line)
{
	machine();
	vfio_card_msix(card, 0x40, 64, table, pba);
	if (line) {
		vfio_refused(card, line);
	} else {
		cfg = vfio_add(card, 0);
		assert_int_equal(fake.log_lines, 0);
	}
}

static void table_outside(void)
{
	msix(0x7c08, 0x0,
	     "its MSI-X table, 0x400 bytes from 0x7c08, is not in BAR 0 of "
	     "0x8000 bytes");
}

static void table_far_outside(void)
{
	msix(0xfffffff8, 0x0,
	     "its MSI-X table, 0x400 bytes from 0xfffffff8, is not in BAR 0");
}

static void table_at_the_end(void)
{
	msix(0x7c00, 0x0, NULL);
}

static void table_in_no_bar(void)
{
	msix(0x0003, 0x0,
	     "its MSI-X table, 0x400 bytes from 0x0, is not in BAR 3 of 0x0 "
	     "bytes");
}

/* BIR 6 is the ROM's number here, and 7 nobody's. */
static void table_in_bar_6(void)
{
	msix(0x0006, 0x0,
	     "its MSI-X table, 0x400 bytes from 0x0, is not in BAR "
	     "6 of 0x0 bytes");
}

static void pending_bits_outside(void)
{
	msix(0x0, 0x8000,
	     "its MSI-X pending bits, 0x8 bytes from 0x8000, is not in BAR 0");
}

static void pending_bits_in_bar_7(void)
{
	msix(0x0, 0x7,
	     "its MSI-X pending bits, 0x8 bytes from 0x0, is not in "
	     "BAR 7 of 0x0 bytes");
}

/* VFIO has it, the list of capabilities does not. */
static void vectors_without_capability(void)
{
	machine();
	card->irqs[VFIO_PCI_MSIX_IRQ_INDEX] = 3;
	taken(NULL, 0);
	cfg_command(cfg, DECODED);
	assert_int_equal(card->kind, VFIO_PCI_INTX_IRQ_INDEX);
}

/* -- Regions ------------------------------------------------------------- */

static void region(unsigned bar, uint64_t size, uint32_t flags,
		   const char *line)
{
	machine();
	vfio_card_bar(card, bar, size, flags);
	vfio_refused(card, line);
}

static void no_power_of_two(void)
{
	region(1, 0x3000, 0,
	       "BAR 1 has 0x3000 bytes, which is no power of two, or more than "
	       "the 0x800000 that it can have");
}

static void too_large(void)
{
	region(1, 0x1000000, 0, "BAR 1 has 0x1000000 bytes");
}

static void too_large_for_64_bits(void)
{
	machine();
	card->regions[2].size = 0x80000000;
	vfio_set(card, PCI_BASE_ADDRESS_2, 4, BAR64);
	vfio_refused(
		card,
		"BAR 2 has 0x80000000 bytes, which is no power of two, or more "
		"than the 0x40000000 that it can have");
}

static void io_too_large(void)
{
	region(1, 0x1000, BAR_IO, "BAR 1 has 0x1000 bytes");
}

static void too_small(void)
{
	region(1, 2, 0, "BAR 1 has 0x2 bytes");
}

static void odd_rom(void)
{
	region(PCI_ROM, 0x900, 0, "BAR 6 has 0x900 bytes");
}

static void half_of_64_bits(void)
{
	region(5, 0x1000, BAR64, "BAR 5 has 64 bits and no upper half");
}

static void upper_half_is_a_bar(void)
{
	machine();
	vfio_card_bar(card, 2, 0x1000, BAR64);
	vfio_card_bar(card, 3, 0x1000, 0);
	vfio_refused(card, "BAR 2 has 64 bits and no upper half");
}

static void few_regions(void)
{
	machine();
	card->region_count = 1; /* not even configuration space */
	vfio_refused(
		card,
		"it is ffff:ffff, but the board header says 1234:5678; correct "
		"BOARD_PCI_FUNCTIONS");
}

static void few_interrupts(void)
{
	machine();
	card->index_count = 0;
	taken(NULL, 0);
	assert_int_equal(card->set_irqs, 0);
}

static void deaf_interrupts(void)
{
	machine();
	vfio_card_msix(card, 0x40, 4, 0x1000, 0x2000);
	card->irqs[VFIO_PCI_MSIX_IRQ_INDEX] = 0;
	vfio_set(card, 0x42, 2, 3);
	vfio_refused(
		card,
		"its MSI-X table has 4 vectors, but the board header says 0; "
		"correct BOARD_PCI_FUNCTIONS");
}

static const struct CMUnitTest tests[] = {
	TEST(loop_of_one),
	TEST(loop_of_two),
	TEST(loop_of_hidden),
	TEST(into_the_header),
	TEST(first_into_the_header),
	TEST(unaligned_pointers),
	TEST(beyond_the_end),
	TEST(vendor_beyond_the_end),
	TEST(vendor_to_the_end),
	TEST(vendor_of_no_length),
	TEST(overlapping),
	TEST(overlapped_from_behind),
	TEST(two_of_a_kind),
	TEST(all_ones),
	TEST(ones_but_its_ids),
	TEST(ones_from_the_list_on),
	TEST(bridge),
	TEST(multifunction),
	TEST(unannounced),
	TEST(conventional),
	TEST(extended_loop),
	TEST(extended_into_the_header),
	TEST(serial_number_first),
	TEST(serial_number_beyond_the_end),
	TEST(table_outside),
	TEST(table_far_outside),
	TEST(table_at_the_end),
	TEST(table_in_no_bar),
	TEST(table_in_bar_6),
	TEST(pending_bits_outside),
	TEST(pending_bits_in_bar_7),
	TEST(vectors_without_capability),
	TEST(no_power_of_two),
	TEST(too_large),
	TEST(too_large_for_64_bits),
	TEST(io_too_large),
	TEST(too_small),
	TEST(odd_rom),
	TEST(half_of_64_bits),
	TEST(upper_half_is_a_bar),
	TEST(few_regions),
	TEST(few_interrupts),
	TEST(deaf_interrupts),
};

UNIT_MAIN("vfio_hostile", tests)
