/* SPDX-License-Identifier: Apache-2.0 */
/* The host's cards by iommufd: what only this way can meet. */
#include <linux/errno.h>
#include <linux/iommufd.h>
#include <stdio.h>

#include "core/log.h"
#include "test/unit/vfio_guest.h"

static struct fake_card *card;

static void machine(void)
{
	assert_true(config_board.iommufd);
	vfio_host();
	card = vfio_card(CARD);
}

static void refuse(unsigned long request, long error, const char *line)
{
	machine();
	vfio_kernel_refuses(card, request, error, line);
}

static void two_cards_one_iommufd(void)
{
	struct fake_card *second;

	machine();
	second = vfio_card(CARD2);
	vfio_add(card, 0);
	vfio_add(second, 1);
	assert_true(card->attached && second->attached);
	assert_int_equal(fake_vfio.iommufds, 1);
	assert_int_equal(fake_vfio.kvm_files, 2);
	assert_int_equal(fake_vfio.map_count, 2);
	assert_int_equal(fake_vfio.containers + fake_vfio.group_opens, 0);
	assert_int_equal(fake.log_lines, 0);
}

/* Node numbers are the host's to give: the last that is looked for. */
static void high_node(void)
{
	machine();
	card->cdev = 255;
	vfio_add(card, 0);
	assert_true(card->attached);
}

static void no_node(void)
{
	machine();
	card->cdev = -1;
	vfio_refused(
		card,
		"it has no node in /dev/vfio/devices; build the host kernel "
		"with CONFIG_VFIO_DEVICE_CDEV");
}

static void node_cannot_be_opened(void)
{
	machine();
	fake_file("/dev/vfio/devices/vfio3", 0)->open_error = -EACCES;
	vfio_refused(card, "/dev/vfio/devices/vfio3 cannot be opened (-13)");
}

static void no_iommufd(void)
{
	machine();
	fake_file("/dev/iommu", 0)->open_error = -ENODEV;
	vfio_refused(card,
		     "/dev/iommu cannot be opened (-19); the host kernel needs "
		     "VFIO, and we the right to open it");
}

static void in_use(void)
{
	refuse(VFIO_DEVICE_BIND_IOMMUFD, -EBUSY,
	       "VFIO_DEVICE_BIND_IOMMUFD failed (-16): it is in use, or a host "
	       "driver has another device of its IOMMU group; bind all of them "
	       "to VFIO");
}

static void group_not_viable(void)
{
	refuse(VFIO_DEVICE_BIND_IOMMUFD, -EINVAL,
	       "VFIO_DEVICE_BIND_IOMMUFD failed (-22): it is in use, or a host "
	       "driver has another device of its IOMMU group");
}

static void interrupts_not_isolated(void)
{
	refuse(VFIO_DEVICE_BIND_IOMMUFD, -EPERM,
	       "another driver or process has a device of its IOMMU group: "
	       "bind all of them to VFIO; or its interrupts are not isolated: "
	       "to accept that, iommufd.allow_unsafe_interrupts=1");
}

static void not_bound(void)
{
	refuse(VFIO_DEVICE_BIND_IOMMUFD, -ENOMEM,
	       "the IOMMU does not take it (-12)");
}

static void no_address_space(void)
{
	refuse(IOMMU_IOAS_ALLOC, -ENOMEM, "the IOMMU does not take it (-12)");
}

static void not_attached(void)
{
	refuse(VFIO_DEVICE_ATTACH_IOMMUFD_PT, -EINVAL,
	       "the IOMMU does not take it (-22); it needs one that is "
	       "coherent, and RAM outside of the IOMMU's reserved addresses");
}

static void attached_without_msi_isolation(void)
{
	refuse(VFIO_DEVICE_ATTACH_IOMMUFD_PT, -EPERM,
	       "its interrupts are not isolated; on a board that accepts that, "
	       "start the host kernel with iommufd.allow_unsafe_interrupts=1");
}

static const struct CMUnitTest tests[] = {
	TEST(two_cards_one_iommufd),
	TEST(high_node),
	TEST(no_node),
	TEST(node_cannot_be_opened),
	TEST(no_iommufd),
	TEST(in_use),
	TEST(group_not_viable),
	TEST(interrupts_not_isolated),
	TEST(not_bound),
	TEST(no_address_space),
	TEST(not_attached),
	TEST(attached_without_msi_isolation),
};

UNIT_MAIN("vfio_iommufd", tests)
