/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform devices that the host does not let us have, or that are not what
 * the board's header says: by group and by iommufd, each with one line.
 */
#include <linux/errno.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/soc_guest.h"

static struct fake_card *card;

static void machine(const char *name)
{
	soc_host();
	card = soc_card(name);
}

/* -- Ioctls -------------------------------------------------------------- */

static void refuse(const char *name, unsigned long request, long error,
		   const char *line)
{
	machine(name);
	fake_vfio.refuses = request;
	fake_vfio.refusal = error;
	soc_refused(name, line);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void no_container_for_group(void)
{
	refuse("rtc", VFIO_GROUP_SET_CONTAINER, -EINVAL,
	       "the IOMMU does not take it (-22)");
}

static void no_status(void)
{
	refuse("rtc", VFIO_GROUP_GET_STATUS, -ENODEV,
	       "IOMMU group 5 is not viable");
}

static void in_use(void)
{
	refuse("rtc", VFIO_GROUP_GET_DEVICE_FD, -EBUSY,
	       "VFIO_GROUP_GET_DEVICE_FD failed (-16); it is in use");
}

/* Its reset fails, which the kernel insists on. */
static void cannot_be_opened(void)
{
	refuse("rtc", VFIO_GROUP_GET_DEVICE_FD, -EINVAL,
	       "VFIO_GROUP_GET_DEVICE_FD failed (-22); see the host kernel's "
	       "log");
}

static void no_info(void)
{
	refuse("timer", VFIO_DEVICE_GET_INFO, -EIO,
	       "VFIO_DEVICE_GET_INFO failed (-5)");
}

static void no_region_info(void)
{
	refuse("timer", VFIO_DEVICE_GET_REGION_INFO, -EIO,
	       "region 0 cannot be described (-5)");
}

static void isolated_is_not_mapped(void)
{
	refuse("eth",
	       config_board.iommufd ? IOMMU_IOAS_MAP : VFIO_IOMMU_MAP_DMA,
	       -EINVAL,
	       "2 MiB of RAM at 0x40000000 cannot be mapped for DMA (-22)");
}

static void no_kvm_vfio(void)
{
	machine("rtc");
	fake.no_devices = 1u << KVM_DEV_TYPE_VFIO;
	soc_refused("rtc", "KVM does not take it (-19); build the host kernel "
			   "with CONFIG_KVM_VFIO");
	assert_false(card->is_open);
}

/* -- The board's facts --------------------------------------------------- */

static void counts(unsigned regions, unsigned lines, const char *line)
{
	machine("eth");
	card->region_count = regions;
	card->index_count = lines;
	soc_refused("eth", line);
	assert_int_equal(fake_vfio.access_count, 0); /* it may be any device */
	assert_int_equal(card->resets, 0);
}

static void fewer_regions(void)
{
	counts(2, 3, "it has 2 regions, the board's header says 3");
}

static void more_regions(void)
{
	counts(4, 3, "it has 4 regions, the board's header says 3");
}

static void fewer_lines(void)
{
	counts(3, 2, "it has 2 interrupts, the board's header says 3");
}

static void more_lines(void)
{
	counts(3, 4, "it has 4 interrupts, the board's header says 3");
}

static void another_size(void)
{
	machine("eth");
	card->regions[1].size = 0x400;
	soc_refused("eth", "region 1 has 0x400 bytes, the board's header says "
			   "0x800");
}

/* What the guest does not get may be of any size. */
static void another_size_of_none(void)
{
	machine("eth");
	card->regions[2].size = 0x2000;
	soc_init("eth");
	assert_int_equal(fake.log_lines, 0);
}

static void region_not_mapped(void)
{
	machine("eth");
	card->regions[0].map_error = -EAGAIN;
	soc_refused("eth", "region 0 cannot be mapped");
	assert_null(fake_guest(0x0c000000));
}

/* -- What makes it quiet ------------------------------------------------- */

/* Nothing is written, not even what comes before the row that is wrong. */
static void quiesce_refused(const char *line)
{
	card->can_reset = 1;
	soc_refused("eth", line);
	assert_int_equal(fake_vfio.access_count, 0);
	assert_int_equal(card->resets, 0);
	assert_int_equal(card->regions[0].maps, 0);
}

#define NO_LAST_BYTES                                                    \
	"region 2 has no 4 bytes at 0xffc that can be written; correct " \
	"BOARD_SOC_QUIESCE"

static void quiesce_without_region(void)
{
	machine("eth");
	card->regions[2].info_error = -EINVAL;
	quiesce_refused(NO_LAST_BYTES);
}

static void quiesce_of_read_only(void)
{
	machine("eth");
	card->regions[2].flags &= ~(uint32_t)VFIO_REGION_INFO_FLAG_WRITE;
	quiesce_refused(NO_LAST_BYTES);
}

static void quiesce_beyond(void)
{
	machine("eth");
	card->regions[2].size = 0xffc;
	quiesce_refused(NO_LAST_BYTES);
}

static void quiesce_across_the_end(void)
{
	machine("eth");
	card->regions[2].size = 0xfff;
	quiesce_refused(NO_LAST_BYTES);
}

/* Of four rows of that region, the last. */
static void quiesce_widest(void)
{
	machine("eth");
	card->regions[1].size = 0x1f;
	quiesce_refused("region 1 has no 8 bytes at 0x18 that can be written; "
			"correct BOARD_SOC_QUIESCE");
}

static void quiesce_to_the_last_byte(void)
{
	machine("eth");
	card->regions[2].size = 0x1000;
	soc_init("eth");
	assert_int_equal(vfio_last_write()->offset, 0xffc);
	assert_int_equal(fake.log_lines, 0);
}

#define AS_LEFT                                                           \
	"has neither a reset nor BOARD_SOC_QUIESCE writes; it starts as " \
	"its last owner left it"

static void never_quiet(int isolated, int can_reset)
{
	soc_host();
	card = isolated ? soc_isolated("bare") : soc_card("bare");
	card->can_reset = can_reset;
	soc_init("bare");
	assert_int_equal(card->resets, can_reset);
	assert_int_equal(fake_vfio.access_count, 0);
	if (can_reset) {
		assert_int_equal(fake.log_lines, 0);
	} else {
		fake_one_line("bare: host device d0000000.nothing: " AS_LEFT);
	}
}

static void as_its_last_owner_left_it(void)
{
	never_quiet(0, 0);
}

static void isolated_as_left(void)
{
	never_quiet(1, 0);
}

static void quiet_by_reset(void)
{
	never_quiet(0, 1);
}

static const struct CMUnitTest tests[] = {
	TEST(no_container_for_group),
	TEST(no_status),
	TEST(in_use),
	TEST(cannot_be_opened),
	TEST(no_info),
	TEST(no_region_info),
	TEST(isolated_is_not_mapped),
	TEST(no_kvm_vfio),
	TEST(fewer_regions),
	TEST(more_regions),
	TEST(fewer_lines),
	TEST(more_lines),
	TEST(another_size),
	TEST(another_size_of_none),
	TEST(region_not_mapped),
	TEST(quiesce_without_region),
	TEST(quiesce_of_read_only),
	TEST(quiesce_beyond),
	TEST(quiesce_across_the_end),
	TEST(quiesce_widest),
	TEST(quiesce_to_the_last_byte),
	TEST(as_its_last_owner_left_it),
	TEST(isolated_as_left),
	TEST(quiet_by_reset),
};

UNIT_MAIN("vfio_platform_facts", tests)
