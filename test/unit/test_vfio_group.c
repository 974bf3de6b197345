/* SPDX-License-Identifier: Apache-2.0 */
/* The host's cards by container and group: what only this way can meet. */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/vfio_guest.h"

static struct fake_card *card;

static void machine(void)
{
	vfio_host();
	card = vfio_card(CARD);
}

static void refuse(unsigned long request, long error, const char *line)
{
	machine();
	vfio_kernel_refuses(card, request, error, line);
}

/* Functions of one slot are often of one group, which opens once only. */
static void one_group_of_two(void)
{
	struct fake_card *second;

	machine();
	second = vfio_card(CARD2);
	second->group = card->group;
	vfio_add(card, 0);
	vfio_add(second, 1);
	assert_true(card->is_open && second->is_open);
	assert_int_equal(fake_vfio.group_opens, 1);
	assert_int_equal(fake_vfio.kvm_files, 1);
	assert_int_equal(fake_vfio.containers, 1);
	assert_int_equal(fake.log_lines, 0);
}

/* One address space, and one map, for all. */
static void two_groups_one_container(void)
{
	machine();
	vfio_add(card, 0);
	vfio_add(vfio_card(CARD2), 1);
	assert_int_equal(fake_vfio.group_opens, 2);
	assert_int_equal(fake_vfio.kvm_files, 2);
	assert_int_equal(fake_vfio.containers, 1);
	assert_int_equal(fake_vfio.map_count, 2);
	assert_int_equal(fake_vfio.iommufds, 0);
}

static void not_viable(void)
{
	machine();
	fake_vfio.not_viable = 1;
	vfio_refused(
		card,
		"IOMMU group 5 is not viable: a host driver has another device "
		"of it; bind all of them to VFIO");
	assert_int_equal(fake_vfio.kvm_files, 0); /* nothing half-bound */
	assert_false(card->is_open);
}

static void no_status(void)
{
	refuse(VFIO_GROUP_GET_STATUS, -ENODEV, "IOMMU group 5 is not viable");
}

static void group_is_open(void)
{
	machine();
	fake_file("/dev/vfio/5", 0)->open_error = -EBUSY;
	vfio_refused(
		card,
		"/dev/vfio/5 is open already; stop the process that has it");
}

static void no_right_to_open(void)
{
	machine();
	fake_file("/dev/vfio/5", 0)->open_error = -EACCES;
	vfio_refused(card,
		     "/dev/vfio/5 cannot be opened (-13); the host kernel "
		     "needs VFIO, and we the right to open it");
}

static void no_container(void)
{
	machine();
	fake_file("/dev/vfio/vfio", 0)->open_error = -ENODEV;
	vfio_refused(
		card,
		"/dev/vfio/vfio cannot be opened (-19); the host kernel needs "
		"VFIO, and we the right to open it");
}

static void no_type1(void)
{
	machine();
	fake_vfio.no_type1 = 1;
	vfio_refused(card,
		     "/dev/vfio/vfio has no type1v2; build the host kernel "
		     "with CONFIG_VFIO_IOMMU_TYPE1");
}

static void interrupts_not_isolated(void)
{
	refuse(VFIO_SET_IOMMU, -EPERM,
	       "its interrupts are not isolated; on a board that accepts that, "
	       "start the host kernel with "
	       "vfio_iommu_type1.allow_unsafe_interrupts=1");
}

static void not_coherent(void)
{
	refuse(VFIO_SET_IOMMU, -EINVAL,
	       "the IOMMU does not take it (-22); it needs one that is "
	       "coherent, and RAM outside of the IOMMU's reserved addresses");
}

static void no_container_for_group(void)
{
	refuse(VFIO_GROUP_SET_CONTAINER, -EBUSY,
	       "the IOMMU does not take it (-16)");
}

static void device_in_use(void)
{
	refuse(VFIO_GROUP_GET_DEVICE_FD, -EBUSY,
	       "VFIO_GROUP_GET_DEVICE_FD failed (-16); it is in use");
}

static void device_refused(void)
{
	refuse(VFIO_GROUP_GET_DEVICE_FD, -EIO,
	       "VFIO_GROUP_GET_DEVICE_FD failed (-5); see the host kernel's "
	       "log");
}

/* The second group is refused by an IOMMU that took the first. */
static void second_group_refused(void)
{
	machine();
	vfio_add(card, 0);
	fake_vfio.refuses = VFIO_GROUP_SET_CONTAINER;
	fake_vfio.refusal = -EINVAL;
	assert_int_equal(EXITS(vfio_add(vfio_card(CARD2), 1)), EXIT_VFIO);
	fake_one_line("card: host device " CARD2 ": the IOMMU does not take it "
		      "(-22)");
}

static const struct CMUnitTest tests[] = {
	TEST(one_group_of_two),
	TEST(two_groups_one_container),
	TEST(not_viable),
	TEST(no_status),
	TEST(group_is_open),
	TEST(no_right_to_open),
	TEST(no_container),
	TEST(no_type1),
	TEST(interrupts_not_isolated),
	TEST(not_coherent),
	TEST(no_container_for_group),
	TEST(device_in_use),
	TEST(device_refused),
	TEST(second_group_refused),
};

UNIT_MAIN("vfio_group", tests)
