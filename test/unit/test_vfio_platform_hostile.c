/* SPDX-License-Identifier: Apache-2.0 */
/* Platform devices, and hosts, that lie: refused with one line, or harmless. */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "dev/vfio_platform.h"
#include "test/unit/soc_guest.h"

#define RTC 0x09010000ull
#define TIMER 0x0c006000ull
#define ETH0 0x0c000000ull
#define ETH1 0x0c004108ull

static struct fake_card *card;

static void machine(const char *name)
{
	soc_host();
	card = soc_card(name);
}

/* -- Counts -------------------------------------------------------------- */

static void counts(unsigned regions, unsigned lines, const char *line)
{
	machine("rtc");
	card->region_count = regions;
	card->index_count = lines;
	soc_refused("rtc", line);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void all_ones_of_regions(void)
{
	counts(0xffffffff, 1,
	       "it has 4294967295 regions, the board's header says 1");
}

static void no_region(void)
{
	counts(0, 1, "it has 0 regions, the board's header says 1");
}

/* Its lowest byte is right. */
static void regions_of_more_bits(void)
{
	counts(0x101, 1, "it has 257 regions, the board's header says 1");
}

static void all_ones_of_lines(void)
{
	counts(1, 0xffffffff,
	       "it has 4294967295 interrupts, the board's header says 1");
}

static void no_line(void)
{
	counts(1, 0, "it has 0 interrupts, the board's header says 1");
}

static void lines_of_more_bits(void)
{
	counts(1, 0x10001,
	       "it has 65537 interrupts, the board's header says 1");
}

static void interrupts_of_a_line(unsigned count)
{
	machine("timer");
	soc_init("timer");
	card->lines[0].count = count;
	soc_start_refused("timer", "interrupt 0 cannot be forwarded");
	assert_int_equal(card->set_irqs, 0);
	assert_int_equal(fake.irqfd_calls, 0);
}

static void line_of_none(void)
{
	interrupts_of_a_line(0);
}

static void line_of_two(void)
{
	interrupts_of_a_line(2);
}

static void line_of_all_ones(void)
{
	interrupts_of_a_line(0xffffffff);
}

/* -- Sizes --------------------------------------------------------------- */

static uint64_t sizes[8]; /* of each GET_REGION_INFO in turn */
static unsigned asked;

static void change_size(struct vfio_region_info *info)
{
	info->size = sizes[asked++ & 7];
}

static void size_is(const char *name, uint64_t size, const char *line)
{
	unsigned i;

	machine(name);
	for (i = 0; i < 8; i++) {
		sizes[i] = size;
	}
	card->describe = change_size;
	soc_refused(name, line);
	assert_int_equal(card->regions[0].maps, 0);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void size_0(void)
{
	size_is("timer", 0,
		"region 0 has 0x0 bytes, the board's header says 0x200");
}

static void quiesced_size_0(void)
{
	size_is("rtc", 0,
		"region 0 has no 4 bytes at 0x10 that can be written; correct "
		"BOARD_SOC_QUIESCE");
}

static void mapped_size_0(void)
{
	machine("eth"); /* nothing is written to region 0 */
	card->regions[0].size = 0;
	soc_refused("eth", "region 0 has 0x0 bytes, the board's header says "
			   "0x2000");
}

static void size_of_all_ones(void)
{
	size_is("timer", ~0ull,
		"region 0 has 0xffffffffffffffff bytes, the board's header "
		"says 0x200");
}

/* Rounded up to pages it is 0. */
static void mapped_size_of_all_ones(void)
{
	machine("eth"); /* nothing is written to region 0 */
	card->regions[0].size = ~0ull;
	soc_refused("eth", "region 0: areas to map are not whole pages in "
			   "order, or more than 16");
	assert_int_equal(card->regions[0].maps, 0);
}

static void huge_and_mappable(void)
{
	machine("rtc");
	card->regions[0].size = 1ull << 63;
	card->dead = 1; /* no memory is behind that */
	soc_refused("rtc", "region 0 has 0x8000000000000000 bytes, the board's "
			   "header says 0x1000");
	assert_int_equal(card->regions[0].maps, 0);
}

/* First to look at its quiesce writes, then for them, then for the guest. */
static void shrinks(void)
{
	unsigned i;

	machine("rtc");
	for (i = 0; i < 4; i++) {
		sizes[i] = 0x1000;
	}
	sizes[4] = 0x10;
	card->describe = change_size;
	soc_refused("rtc", "region 0 has 0x10 bytes, the board's header says "
			   "0x1000");
	assert_int_equal(fake_vfio.access_count, 4);
}

/* No write goes where the kernel said there is nothing. */
static void smaller_while_quiesced(void)
{
	machine("rtc");
	sizes[0] = sizes[1] = 0x1000;
	sizes[2] = 0x13; /* the end of the first write is outside */
	sizes[3] = 0x20;
	sizes[4] = 0x1000;
	card->describe = change_size;
	soc_init("rtc");
	assert_int_equal(fake_vfio.access_count, 2);
	assert_int_equal(fake_vfio.accesses[0].offset, 0x1c);
	assert_int_equal(asked, 5);
}

/* The guest's window is the board's; what it asks for later is of no use. */
static void shrinks_after_start(void)
{
	struct mmio_access access = { .size = 4, .write = 1, .value = 1 };

	machine("timer");
	soc_init("timer");
	sizes[0] = 0;
	card->describe = change_size;
	assert_true(mmio_dispatch(TIMER + 0x1fc, &access));
	assert_int_equal(asked, 0);
	assert_int_equal(fake_vfio.access_count, 1);
}

static void grows_at_the_end(void)
{
	machine("rtc");
	soc_init("rtc");
	vfio_forget();
	sizes[0] = sizes[1] = ~0ull;
	card->describe = change_size;
	vfio_platform_stop();
	assert_int_equal(fake_vfio.access_count, 4);
}

/* -- Areas --------------------------------------------------------------- */

static uint64_t area_bytes;
static uint32_t area_count, cap_next, cap_at;

static void put_areas(struct vfio_region_info *info)
{
	struct vfio_region_info_cap_sparse_mmap *sparse = (void *)(info + 1);

	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	info->cap_offset = cap_at ? cap_at : sizeof(*info);
	sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	sparse->header.next = cap_next;
	sparse->nr_areas = area_count;
	sparse->areas[0].offset = 0;
	sparse->areas[0].size = area_bytes;
	sparse->areas[1].offset = area_bytes;
	sparse->areas[1].size = area_bytes;
}

static void areas(uint32_t count, uint64_t bytes)
{
	machine("eth");
	area_count = count;
	area_bytes = bytes;
	card->describe = put_areas;
}

/* Registers in pieces are trapped as a whole. */
static void part_of_it(void)
{
	uint64_t offset;

	areas(1, 0x1000);
	card->regions[1].flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_MMAP;
	soc_init("eth");
	for (offset = 0; offset < 0x2000; offset += 0x1000) {
		struct mmio_access access = { .size = 4 };

		assert_null(fake_guest(0x0c000000 + offset));
		assert_true(mmio_dispatch(0x0c000000 + offset, &access));
	}
	assert_int_equal(card->regions[0].maps, 0);
}

static void in_two_pieces(void)
{
	areas(2, 0x1000);
	soc_init("eth");
	assert_int_equal(card->regions[0].maps, 0);
	assert_null(fake_guest(0x0c000000));
}

static void areas_refused(uint32_t count, uint64_t bytes)
{
	areas(count, bytes);
	soc_refused("eth", "region 0: areas to map are not whole pages in "
			   "order, or more than 16");
	assert_int_equal(card->regions[0].maps, 0);
}

static void endless_areas(void)
{
	areas_refused(0xffffffff, 0x1000);
}

static void half_a_page(void)
{
	areas_refused(1, 0x800);
}

static void beyond_the_region(void)
{
	areas_refused(1, 0x4000);
}

/* A list of capabilities that ends nowhere, or begins nowhere. */
static void capabilities(uint32_t at, uint32_t next)
{
	areas(1, 0x2000);
	cap_at = at;
	cap_next = next;
	soc_init("eth");
	assert_int_equal(card->regions[0].maps, 1);
	assert_int_equal(fake.log_lines, 0);
}

static void capability_far_away(void)
{
	capabilities(0xfffffff8, 0);
}

static void capability_in_the_header(void)
{
	capabilities(8, 0);
}

static void capability_of_itself(void)
{
	capabilities(0, sizeof(struct vfio_region_info));
}

/* -- Memory -------------------------------------------------------------- */

static void map_fails(long error)
{
	machine("rtc");
	card->regions[0].map_error = error;
	soc_refused("rtc", "region 0 cannot be mapped");
	assert_null(fake_guest(RTC));
}

static void map_is_not_permitted(void)
{
	map_fails(-EPERM);
}

static void map_needs_memory(void)
{
	map_fails(-ENOMEM);
}

/* It may be mapped, says the kernel, but not written. */
static void map_of_read_only(void)
{
	machine("eth"); /* nothing is written to region 0 */
	card->regions[0].flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_WRITE;
	soc_refused("eth", "region 0 cannot be mapped");
	assert_null(fake_guest(ETH0));
}

static void kvm_takes_no_slot(void)
{
	machine("rtc");
	fake.slot_error = -ENOMEM;
	assert_int_equal(EXITS(soc_init("rtc")), EXIT_MEMORY);
	fake_one_line("memory window at 0x9010000: refused (-12)");
}

/* -- Dead devices -------------------------------------------------------- */

static void ones(uint64_t gpa)
{
	unsigned size;

	for (size = 1; size <= 8; size *= 2) {
		struct mmio_access access = { .size = (uint8_t)size };
		uint64_t value = 0;

		assert_true(mmio_dispatch(gpa, &access));
		memcpy(&value, &access.value, size);
		assert_int_equal(value, ~0ull >> (64 - 8 * size));
	}
}

static void all_ones(void)
{
	machine("eth");
	card->dead = 1;
	soc_init("eth");
	soc_start();
	ones(ETH1);
	ones(ETH1 + 0x7f8);
	vfio_platform_stop();
	assert_int_equal(fake.log_lines, 0);
}

/* Each access fails: ones, and lines whose number is limited. */
static void every_access_fails(void)
{
	unsigned i;

	machine("timer");
	soc_init("timer");
	card->regions[0].io_error = -EIO;
	ones(TIMER);
	assert_int_equal(fake.log_lines, 0);
	for (i = 0; i < 1000; i++) {
		struct mmio_access access = { .size = 4, .write = 1 };

		assert_true(mmio_dispatch(TIMER, &access));
	}
	assert_in_range(fake.log_lines, 1, 100);
}

/* A line that never calms down costs one interrupt for each EOI, not more. */
static void storm(void)
{
	unsigned i;

	machine("rtc");
	soc_init("rtc");
	soc_start();
	fake_soc_level(card, 0, 1);
	for (i = 0; i < 100; i++) {
		fake_soc_level(card, 0, 1);
		fake_soc_level(card, 0, 1);
		fake_eoi(2);
	}
	assert_int_equal(card->lines[0].fired, 101);
	assert_int_equal(fake_spi(2)->rises, 101);
}

static const struct CMUnitTest tests[] = {
	TEST(all_ones_of_regions),
	TEST(no_region),
	TEST(regions_of_more_bits),
	TEST(all_ones_of_lines),
	TEST(no_line),
	TEST(lines_of_more_bits),
	TEST(line_of_none),
	TEST(line_of_two),
	TEST(line_of_all_ones),
	TEST(size_0),
	TEST(quiesced_size_0),
	TEST(mapped_size_0),
	TEST(size_of_all_ones),
	TEST(mapped_size_of_all_ones),
	TEST(huge_and_mappable),
	TEST(shrinks),
	TEST(smaller_while_quiesced),
	TEST(shrinks_after_start),
	TEST(grows_at_the_end),
	TEST(part_of_it),
	TEST(in_two_pieces),
	TEST(endless_areas),
	TEST(half_a_page),
	TEST(beyond_the_region),
	TEST(capability_far_away),
	TEST(capability_in_the_header),
	TEST(capability_of_itself),
	TEST(map_is_not_permitted),
	TEST(map_needs_memory),
	TEST(map_of_read_only),
	TEST(kvm_takes_no_slot),
	TEST(all_ones),
	TEST(every_access_fails),
	TEST(storm),
};

UNIT_MAIN("vfio_platform_hostile", tests)
