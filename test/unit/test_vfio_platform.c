/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of the host's platform devices: mapped where they are whole pages,
 * else trapped, each access with its width.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/soc_guest.h"

/* Where unit_config_soc.h puts them. */
#define RTC 0x09010000ull
#define ETH0 0x0c000000ull
#define ETH1 0x0c004108ull
#define ETH1_BYTES 0x800ull
#define TIMER 0x0c006000ull
#define TIMER_BYTES 0x200ull

static struct fake_card *card;

static void given(const char *name)
{
	card = soc_given(name);
	vfio_forget();
}

/* One access of the guest; 1 if somebody claims it. */
static int access_at(uint64_t gpa, unsigned size, int write, uint64_t *value)
{
	struct mmio_access access = {
		.size = size,
		.write = write,
		.value = write ? *value : 0x5a5a5a5a5a5a5a5a,
	};
	int claimed = mmio_dispatch(gpa, &access);

	*value = access.value;
	return claimed;
}

static uint64_t mask_of(unsigned size)
{
	return size == 8 ? ~0ull : (1ull << 8 * size) - 1;
}

static const struct fake_access *only_access(void)
{
	assert_int_equal(fake_vfio.access_count, 1);
	return &fake_vfio.accesses[0];
}

/* -- Mapped -------------------------------------------------------------- */

static void is_mapped(uint64_t gpa, unsigned region)
{
	uint64_t offset;

	for (offset = 0; offset < card->regions[region].size; offset += 4) {
		assert_ptr_equal(fake_guest(gpa + offset),
				 card->regions[region].data + offset);
	}
	assert_int_equal(card->regions[region].maps, 1);
}

static void a_page(void)
{
	given("rtc");
	is_mapped(RTC, 0);
	assert_null(fake_guest(RTC - 1));
	assert_null(fake_guest(RTC + 0x1000));
	assert_int_equal(fake.log_lines, 0);
}

static void pages(void)
{
	given("eth");
	is_mapped(ETH0, 0);
	assert_null(fake_guest(ETH0 + 0x2000));
}

/* The guest writes there: no read-only slot, and no trap. */
static void no_exit(void)
{
	uint64_t value = 1;
	unsigned i;

	given("rtc");
	for (i = 0; i < fake.slot_count; i++) {
		if (fake.slots[i].guest_phys_addr == RTC) {
			assert_int_equal(fake.slots[i].flags, 0);
			assert_int_equal(fake.slots[i].memory_size, 0x1000);
		}
	}
	assert_false(access_at(RTC, 4, 0, &value));
	assert_false(access_at(RTC + 0xffc, 4, 1, &value));
	assert_int_equal(fake_vfio.access_count, 0);
}

/* What the config does not name is neither mapped nor shown. */
static void only_what_is_listed(void)
{
	unsigned before;

	soc_host();
	before = fake.slot_count;
	card = soc_card("eth");
	soc_init("eth");
	assert_int_equal(fake.slot_count, before + 1);
	assert_int_equal(card->regions[1].maps, 0);
	assert_int_equal(card->regions[2].maps, 0);
	soc_card("bare");
	soc_init("bare");
	assert_int_equal(fake.slot_count, before + 1);
}

/* As of a device whose registers do not begin on a page. */
static void pages_that_cannot_be_mapped(void)
{
	uint64_t value = 0x11223344;

	soc_host();
	card = soc_card("rtc");
	card->regions[0].flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_MMAP;
	soc_init("rtc");
	vfio_forget();
	assert_null(fake_guest(RTC));
	assert_int_equal(card->regions[0].maps, 0);
	assert_true(access_at(RTC + 0xffc, 4, 1, &value));
	assert_int_equal(only_access()->offset, 0xffc);
}

/* -- Trapped ------------------------------------------------------------- */

static void reads(uint64_t gpa, uint64_t bytes, unsigned size)
{
	uint64_t offset;

	for (offset = 0; offset < bytes; offset += size) {
		const struct fake_region *region = &card->regions[0];
		uint64_t expected = 0;
		uint64_t value;

		vfio_forget();
		assert_true(access_at(gpa + offset, size, 0, &value));
		memcpy(&expected, region->data + offset, size);
		assert_int_equal(value & mask_of(size), expected);
		assert_int_equal(only_access()->offset, offset);
		assert_int_equal(only_access()->size, size);
		assert_int_equal(only_access()->write, 0);
		assert_ptr_equal(only_access()->card, card);
	}
}

static void reads_of_each_width(void)
{
	unsigned size;

	given("timer");
	for (size = 1; size <= 8; size *= 2) {
		reads(TIMER, TIMER_BYTES, size);
	}
}

static void writes(unsigned size)
{
	uint64_t offset;

	for (offset = 0; offset < ETH1_BYTES; offset += size) {
		uint64_t value = 0x8182838485868788 + offset;
		uint64_t sent = value;
		uint64_t found = 0;

		vfio_forget();
		assert_true(access_at(ETH1 + offset, size, 1, &sent));
		assert_int_equal(only_access()->offset, offset);
		assert_int_equal(only_access()->size, size);
		assert_int_equal(only_access()->region, 1);
		assert_int_equal(only_access()->write, 1);
		assert_int_equal(only_access()->value, value & mask_of(size));
		memcpy(&found, card->regions[1].data + offset, size);
		assert_int_equal(found, value & mask_of(size));
	}
}

static void writes_of_each_width(void)
{
	unsigned size;

	given("eth");
	for (size = 1; size <= 8; size *= 2) {
		writes(size);
	}
	assert_int_equal(fake.log_lines, 0);
}

/* Neighbours of a narrow write stay as they are. */
static void narrow_writes(void)
{
	uint64_t value = 0xff;

	given("timer");
	memset(card->regions[0].data, 0, TIMER_BYTES);
	assert_true(access_at(TIMER + 0x11, 1, 1, &value));
	assert_int_equal(card->regions[0].data[0x10], 0);
	assert_int_equal(card->regions[0].data[0x11], 0xff);
	assert_int_equal(card->regions[0].data[0x12], 0);
}

/* Nobody's: the guest gets an external abort. */
static void out_of_the_window(void)
{
	uint64_t value = 0;

	given("timer");
	assert_false(access_at(TIMER - 1, 1, 0, &value));
	assert_false(access_at(TIMER - 4, 4, 1, &value));
	assert_false(access_at(TIMER + TIMER_BYTES, 1, 0, &value));
	assert_false(access_at(TIMER + TIMER_BYTES - 4, 8, 0, &value));
	assert_false(access_at(TIMER + TIMER_BYTES, 8, 1, &value));
	assert_false(access_at(~0ull, 1, 0, &value));
	assert_int_equal(fake_vfio.access_count, 0);
}

/* The window begins inside of a page; the rest of that is nobody's. */
static void rest_of_the_page(void)
{
	uint64_t value = 0;

	given("eth");
	assert_false(access_at(ETH1 - 8, 8, 0, &value));
	assert_false(access_at(ETH1 + ETH1_BYTES, 1, 0, &value));
	assert_true(access_at(ETH1 + ETH1_BYTES - 1, 1, 0, &value));
	assert_int_equal(fake_vfio.access_count, 1);
}

/* Unaligned ones do not reach the device, which may be any. */
static void unaligned(void)
{
	uint64_t value = ~0ull;

	given("timer");
	assert_true(access_at(TIMER + 1, 2, 1, &value));
	assert_true(access_at(TIMER + 2, 4, 1, &value));
	assert_true(access_at(TIMER + 4, 8, 1, &value));
	assert_true(access_at(TIMER + 3, 4, 0, &value));
	assert_int_equal(value, 0);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void two_devices(void)
{
	struct fake_card *eth, *timer;
	uint64_t value = 0x77;

	soc_host();
	eth = soc_card("eth");
	timer = soc_card("timer");
	soc_init("eth");
	soc_init("timer");
	vfio_forget();
	assert_true(access_at(TIMER, 4, 1, &value));
	assert_true(access_at(ETH1, 2, 1, &value));
	assert_int_equal(fake_vfio.access_count, 2);
	assert_ptr_equal(fake_vfio.accesses[0].card, timer);
	assert_int_equal(fake_vfio.accesses[0].region, 0);
	assert_ptr_equal(fake_vfio.accesses[1].card, eth);
	assert_int_equal(fake_vfio.accesses[1].region, 1);
}

/* By iommufd or not, the same registers. */
static void behind_an_iommu(void)
{
	uint64_t value = 0x12;

	soc_host();
	card = soc_isolated("timer");
	soc_init("timer");
	vfio_forget();
	assert_true(access_at(TIMER + 8, 1, 1, &value));
	assert_int_equal(only_access()->value, 0x12);
}

/* -- What cannot be ------------------------------------------------------ */

static void with_flags(uint32_t flags)
{
	soc_host();
	card = soc_card("timer");
	card->regions[0].flags = flags;
	soc_init("timer");
	vfio_forget();
}

static void read_only(void)
{
	uint64_t value = 0x55;

	with_flags(VFIO_REGION_INFO_FLAG_READ);
	assert_true(access_at(TIMER, 4, 1, &value));
	assert_int_equal(fake_vfio.access_count, 0);
	assert_true(access_at(TIMER, 4, 0, &value));
	assert_int_equal(only_access()->write, 0);
}

/* As ports, of which VFIO's driver reads and writes none. */
static void neither_read_nor_written(void)
{
	uint64_t value = 0x55;

	with_flags(0);
	assert_true(access_at(TIMER, 4, 1, &value));
	assert_true(access_at(TIMER, 4, 0, &value));
	assert_int_equal(value & 0xffffffff, 0xffffffff);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void reads_fail(void)
{
	uint64_t value = 0;

	given("timer");
	card->regions[0].io_error = -ENOMEM;
	assert_true(access_at(TIMER, 2, 0, &value));
	assert_int_equal(value & 0xffff, 0xffff);
}

static void writes_fail(void)
{
	uint64_t value = 0;

	given("timer");
	card->regions[0].io_error = -ENOMEM;
	assert_true(access_at(TIMER + 0x30, 2, 1, &value));
	fake_one_line("timer: a write of 2 bytes at 0x30 failed (-12)");
}

static const struct CMUnitTest tests[] = {
	TEST(a_page),
	TEST(pages),
	TEST(no_exit),
	TEST(only_what_is_listed),
	TEST(pages_that_cannot_be_mapped),
	TEST(reads_of_each_width),
	TEST(writes_of_each_width),
	TEST(narrow_writes),
	TEST(out_of_the_window),
	TEST(rest_of_the_page),
	TEST(unaligned),
	TEST(two_devices),
	TEST(behind_an_iommu),
	TEST(read_only),
	TEST(neither_read_nor_written),
	TEST(reads_fail),
	TEST(writes_fail),
};

UNIT_MAIN("vfio_platform", tests)
