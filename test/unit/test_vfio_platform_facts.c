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
};

UNIT_MAIN("vfio_platform_facts", tests)
