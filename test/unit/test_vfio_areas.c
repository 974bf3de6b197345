/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regions of a card of the host of which parts can be mapped, as the kernel
 * lists them, and lists that cannot be right.
 */
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

/* -- Sparse regions ------------------------------------------------------ */

static void sparse(void)
{
	static const struct fake_area areas[] = { { 0x1000, 0x1000 },
						  { 0x4000, 0x3000 } };
	static const struct fake_area expected[] = { { 0x1000, 0x1000 },
						     { 0x4000, 0x1000 },
						     { 0x6000, 0x1000 } };

	machine(0x8000);
	card->regions[0].areas = areas;
	card->regions[0].area_count = COUNT(areas);
	vfio_card_msix(card, MSIX, 5, 0x5000, 0x0);
	add();
	vfio_mapped(card, cfg, 0, expected, COUNT(expected));
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 0) + 0x2004, 4),
			 0x2004);
}

static void no_areas(void)
{
	static const struct fake_area none;

	machine(0x8000);
	card->regions[0].areas = &none;
	add();
	vfio_mapped(card, cfg, 0, NULL, 0);
}

static void bad_areas(const struct fake_area *areas, unsigned n)
{
	machine(0x20000);
	card->regions[0].areas = areas;
	card->regions[0].area_count = n;
	assert_int_equal(EXITS(add()), EXIT_VFIO);
	fake_one_line("region 0: areas to map are not whole pages in order, or "
		      "more than 16");
}

#define BAD(name, ...)                                               \
	static void name(void)                                       \
	{                                                            \
		static const struct fake_area areas[] = __VA_ARGS__; \
		bad_areas(areas, COUNT(areas));                      \
	}
BAD(unaligned_area, { { 0x800, 0x1000 } })
BAD(half_a_page, { { 0x1000, 0x800 } })
BAD(empty_area, { { 0x1000, 0 } })
BAD(overlapping_areas, { { 0, 0x2000 }, { 0x1000, 0x1000 } })
BAD(areas_out_of_order, { { 0x2000, 0x1000 }, { 0, 0x1000 } })
BAD(area_beyond_the_end, { { 0x1f000, 0x2000 } })
BAD(area_far_away, { { 0x1000ull << 40, 0x1000 } })
BAD(area_that_wraps, { { 0x1000, -0x1000ull } })

static void too_many_areas(void)
{
	static struct fake_area areas[17];
	unsigned i;

	for (i = 0; i < 17; i++) {
		areas[i] = (struct fake_area){ 0x1000 * i, 0x1000 };
	}
	bad_areas(areas, 17);
}

/* Each BAR is right, but both have more than one card may. */
static void too_many_of_a_card(void)
{
	static struct fake_area areas[9];
	unsigned i;

	for (i = 0; i < 9; i++) {
		areas[i] = (struct fake_area){ 0x2000 * i, 0x1000 };
	}
	machine(0x20000);
	vfio_card_bar(card, 1, 0x20000, 0);
	for (i = 0; i < 2; i++) {
		card->regions[i].areas = areas;
		card->regions[i].area_count = 9;
	}
	assert_int_equal(EXITS(add()), EXIT_VFIO);
	fake_one_line("more than 16 ranges to map");
}

/* More areas than there is room for, as the kernel never answers. */
static void huge_list(struct vfio_region_info *info)
{
	struct vfio_region_info_cap_sparse_mmap *cap = (void *)(info + 1);

	if (info->index == 0) {
		info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
		info->cap_offset = sizeof(*info);
		cap->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
		cap->nr_areas = UINT32_MAX;
		info->argsz = UINT32_MAX;
	}
}

static void list_beyond_the_answer(void)
{
	machine(0x8000);
	card->describe = huge_list;
	assert_int_equal(EXITS(add()), EXIT_VFIO);
	fake_one_line("region 0: areas to map are not whole pages in order");
}

static uint32_t first_at, next_at, answer;

/* Capabilities of other kinds, that lead to where first_at and next_at say. */
static void chain(struct vfio_region_info *info)
{
	uint8_t *bytes = (uint8_t *)info;
	unsigned at;

	if (info->index == 0) {
		for (at = sizeof(*info); at + 8 <= 1024; at += 8) {
			struct vfio_info_cap_header *cap = (void *)&bytes[at];

			cap->id = VFIO_REGION_INFO_CAP_MSIX_MAPPABLE;
			cap->next = next_at;
		}
		info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
		info->cap_offset = first_at;
		info->argsz = answer;
	}
}

/* No list of areas is found: all of it can be mapped. */
static void no_list(uint32_t first, uint32_t next, uint32_t argsz)
{
	static const struct fake_area all[] = { { 0, 0x8000 } };

	first_at = first;
	next_at = next;
	answer = argsz;
	machine(0x8000);
	card->describe = chain;
	add();
	vfio_mapped(card, cfg, 0, all, 1);
}

static void capability_loop(void)
{
	no_list(40, 40, 1024);
}

static void capability_unaligned(void)
{
	no_list(33, 0, 1024);
}

static void capability_in_the_header(void)
{
	no_list(8, 0, 1024);
}

static void capability_beyond_the_answer(void)
{
	no_list(32, 56, 60);
}

static void capability_at_the_end(void)
{
	no_list(0xfffffff8, 0, UINT32_MAX);
}

static void capability_list_ends(void)
{
	no_list(32, 0, 1024);
}

static const struct CMUnitTest tests[] = {
	TEST(sparse),
	TEST(no_areas),
	TEST(unaligned_area),
	TEST(half_a_page),
	TEST(empty_area),
	TEST(overlapping_areas),
	TEST(areas_out_of_order),
	TEST(area_beyond_the_end),
	TEST(area_far_away),
	TEST(area_that_wraps),
	TEST(too_many_areas),
	TEST(too_many_of_a_card),
	TEST(list_beyond_the_answer),
	TEST(capability_loop),
	TEST(capability_unaligned),
	TEST(capability_in_the_header),
	TEST(capability_beyond_the_answer),
	TEST(capability_at_the_end),
	TEST(capability_list_ends),
};

UNIT_MAIN("vfio_areas", tests)
