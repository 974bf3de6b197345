/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform and AMBA devices of the host that start-up opens: behind an IOMMU by
 * group or, in test_vfio_platform_open-soc_iommufd, by iommufd; without one by
 * VFIO's no-IOMMU mode. Those that it refuses, each with one line.
 */
#include <linux/errno.h>
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

/* What belongs to VFIO, and what is only looked at. */
static void nothing_is_open(void)
{
	static const enum fake_kind kinds[] = {
		FAKE_SYSFS,	  FAKE_VFIO_CONTAINER, FAKE_VFIO_GROUP,
		FAKE_VFIO_DEVICE, FAKE_VFIO_CDEV,      FAKE_IOMMUFD,
	};
	unsigned i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		assert_int_equal(soc_open(kinds[i]), 0);
	}
	assert_int_equal(fake_vfio.kvm_files, 0);
}

/* -- It works ------------------------------------------------------------ */

static void check_maps(void)
{
	struct mem_bank bank;
	unsigned i;

	assert_int_equal(fake_vfio.map_count, 2);
	for (i = 0; mem_bank(i, &bank); i++) {
		assert_int_equal(fake_vfio.maps[i].iova, bank.gpa);
		assert_int_equal(fake_vfio.maps[i].size, bank.size);
		assert_int_equal(fake_vfio.maps[i].host, (uintptr_t)bank.host);
	}
}

/* By group whatever the board prefers: it has no node of its own. */
static void without_iommu(const char *name)
{
	machine(name);
	soc_init(name);
	assert_true(card->is_open);
	assert_int_equal(soc_open(FAKE_VFIO_DEVICE), 1);
	assert_int_equal(soc_open(FAKE_VFIO_CDEV), 0);
	assert_int_equal(soc_open(FAKE_SYSFS), 0);
	assert_int_equal(fake_vfio.containers, 1);
	assert_int_equal(fake_vfio.iommufds, 0);
	assert_int_equal(fake_vfio.map_count, 0);
	assert_int_equal(fake_vfio.kvm_files, 1);
	assert_int_equal(fake.log_lines, 0);
}

static void amba_without_iommu(void)
{
	without_iommu("rtc");
}

static void platform_without_iommu(void)
{
	without_iommu("timer");
}

static void isolated(const char *name)
{
	int iommufd = config_board.iommufd;

	soc_host();
	card = soc_isolated(name);
	soc_init(name);
	assert_int_equal(soc_open(FAKE_VFIO_DEVICE), !iommufd);
	assert_int_equal(soc_open(FAKE_VFIO_CDEV), iommufd);
	assert_int_equal(fake_vfio.containers, !iommufd);
	assert_int_equal(fake_vfio.iommufds, iommufd);
	assert_int_equal(card->attached, iommufd);
	assert_int_equal(fake_vfio.kvm_files, 1);
	check_maps();
	assert_int_equal(fake.log_lines, 0);
}

static void amba_isolated(void)
{
	isolated("rtc");
}

static void platform_isolated(void)
{
	isolated("eth");
}

/* A container of the isolated ones, if that is the way, and one of the rest. */
static void both_kinds(const char *first, const char *second, const char *third)
{
	const char *const names[] = { first, second, third };
	struct fake_card *cards[3];
	int container = 0;
	unsigned i;

	soc_host();
	for (i = 0; i < 3; i++) {
		cards[i] = soc_card(names[i]);
		soc_init(names[i]);
	}
	for (i = 0; i < 3; i++) {
		int of = fake_card_container(cards[i]);

		if (!cards[i]->no_iommu) {
			assert_int_equal(of == 0, config_board.iommufd);
			continue;
		}
		assert_int_not_equal(of, 0);
		assert_true(container == 0 || of == container);
		container = of;
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(fake_card_container(cards[i]) == container,
				 cards[i]->no_iommu);
	}
	assert_int_equal(fake_vfio.containers, config_board.iommufd ? 1 : 2);
	assert_int_equal(fake_vfio.kvm_files, 3);
	check_maps();
	assert_int_equal(fake.log_lines, 0);
}

static void isolated_first(void)
{
	both_kinds("eth", "rtc", "timer");
}

static void isolated_last(void)
{
	both_kinds("rtc", "timer", "eth");
}

static void isolated_between(void)
{
	both_kinds("timer", "eth", "rtc");
}

/* -- sysfs --------------------------------------------------------------- */

static void unknown_host_name(void)
{
	machine("rtc");
	fake_vfio.card_count = 0;
	soc_refused("rtc",
		    "there is none; plug it in, or correct the board header");
	nothing_is_open();
}

/* Its name on the other bus is not its name. */
static void other_bus(void)
{
	machine("rtc");
	card->bus = "platform";
	soc_refused("rtc", "there is none");
	nothing_is_open();
}

static void isolated_of_another_driver(void)
{
	soc_host();
	card = soc_isolated("eth");
	card->driver = "stmmac";
	soc_refused("eth", "driver stmmac has it; bind it to vfio-platform");
	nothing_is_open();
}

static void isolated_without_driver(void)
{
	soc_host();
	card = soc_isolated("rtc");
	card->driver = NULL;
	soc_refused("rtc", "no driver has it; bind it to vfio-amba");
	nothing_is_open();
}

/* It has a group, but VFIO did not take it. */
static void isolated_reset_required(void)
{
	soc_host();
	card = soc_isolated("eth");
	card->driver = NULL;
	fake_vfio.reset_required = 'Y';
	soc_refused("eth", "VFIO's driver does not take it; if the host kernel "
			   "has no reset for it, start that with "
			   "vfio_platform.reset_required=0");
	nothing_is_open();
}

static void unbound(const char *name, const char *driver, const char *line)
{
	card->driver = driver;
	soc_refused(name, line);
	nothing_is_open();
}

#define MODE_OFF                                            \
	"no IOMMU isolates it; start the host kernel with " \
	"vfio.enable_unsafe_noiommu_mode=1"

static void no_iommu_mode_is_off(void)
{
	machine("rtc");
	fake_vfio.noiommu_mode = 'N';
	unbound("rtc", NULL, MODE_OFF);
}

/* The first step to be taken is the one to be told. */
static void driver_before_mode(void)
{
	machine("timer");
	fake_vfio.noiommu_mode = 'N';
	fake_vfio.reset_required = 'Y';
	unbound("timer", "virtio-mmio",
		"driver virtio-mmio has it; bind it to vfio-platform");
}

static void mode_before_reset(void)
{
	machine("timer");
	fake_vfio.noiommu_mode = 'N';
	fake_vfio.reset_required = 'Y';
	unbound("timer", NULL, MODE_OFF);
}

static void reset_required(void)
{
	machine("timer");
	fake_vfio.reset_required = 'Y';
	unbound("timer", NULL,
		"VFIO's driver does not take it; if the host kernel has no "
		"reset for it, start that with "
		"vfio_platform.reset_required=0");
}

/* Resets are asked for of platform devices only. */
static void reset_required_of_amba(void)
{
	machine("rtc");
	fake_vfio.reset_required = 'Y';
	unbound("rtc", NULL, "no driver has it; bind it to vfio-amba");
}

static void neither(void)
{
	machine("timer");
	unbound("timer", NULL, "no driver has it; bind it to vfio-platform");
}

static void no_such_parameters(void)
{
	machine("timer");
	fake_vfio.noiommu_mode = 0;
	fake_vfio.reset_required = 0;
	unbound("timer", NULL, "no driver has it; bind it to vfio-platform");
}

static void of_another_driver(void)
{
	machine("rtc");
	unbound("rtc", "rtc-pl031",
		"driver rtc-pl031 has it; bind it to vfio-amba");
}

/* -- Without an IOMMU ---------------------------------------------------- */

static void dma_without_iommu(void)
{
	machine("eth");
	card->no_iommu = 1;
	soc_refused("eth", "it does DMA, and no IOMMU translates its "
			   "addresses: guest RAM must be RAM_IDENTITY or "
			   "RAM_CARVEOUT");
	assert_int_equal(fake_vfio.access_count, 0);
	assert_int_equal(card->regions[0].maps, 0);
	assert_int_equal(fake_vfio.map_count, 0);
}

/* BOARD_UNSAFE_DMA is not meant for what masters its bus. */
static void pci_without_iommu(void)
{
	vfio_host();
	card = vfio_card(CARD);
	card->no_iommu = 1;
	fake_vfio.noiommu_mode = 'Y';
	vfio_refused(card, "no IOMMU isolates it; PCI functions need one, also "
			   "on boards with BOARD_UNSAFE_DMA");
	assert_int_equal(vfio_writes(), 0);
}

static void no_iommu_container(void)
{
	machine("rtc");
	fake_vfio.no_noiommu = 1;
	soc_refused("rtc", "/dev/vfio/vfio has no no-IOMMU mode; build the "
			   "host kernel with CONFIG_VFIO_NOIOMMU");
	assert_int_equal(fake_vfio.kvm_files, 0);
	assert_false(card->is_open);
}

static void group_node(long error, const char *line)
{
	machine("rtc");
	fake_file("/dev/vfio/noiommu-5", 0)->open_error = error;
	soc_refused("rtc", line);
	nothing_is_open();
}

static void group_is_open(void)
{
	group_node(-EBUSY, "/dev/vfio/noiommu-5 is open already; stop the "
			   "process that has it");
}

/* vfio_group_fops_open() wants CAP_SYS_RAWIO. */
static void not_root(void)
{
	group_node(-EPERM, "/dev/vfio/noiommu-5 cannot be opened (-1); the "
			   "host kernel needs VFIO, and we the right to open "
			   "it");
}

/* A group without a name that it can read is taken for an IOMMU's. */
static void nameless_group(void)
{
	machine("rtc");
	fake_file("/sys/kernel/iommu_groups/5/name", 0)->open_error = -EIO;
	soc_refused("rtc", config_board.iommufd ?
				   "it has no node in /dev/vfio/devices" :
				   "/dev/vfio/5 cannot be opened (-2)");
	assert_false(card->is_open);
}

static const struct CMUnitTest tests[] = {
	TEST(amba_without_iommu),
	TEST(platform_without_iommu),
	TEST(amba_isolated),
	TEST(platform_isolated),
	TEST(isolated_first),
	TEST(isolated_last),
	TEST(isolated_between),
	TEST(unknown_host_name),
	TEST(other_bus),
	TEST(isolated_of_another_driver),
	TEST(isolated_without_driver),
	TEST(isolated_reset_required),
	TEST(no_iommu_mode_is_off),
	TEST(driver_before_mode),
	TEST(mode_before_reset),
	TEST(reset_required),
	TEST(reset_required_of_amba),
	TEST(neither),
	TEST(no_such_parameters),
	TEST(of_another_driver),
	TEST(dma_without_iommu),
	TEST(pci_without_iommu),
	TEST(no_iommu_container),
	TEST(group_is_open),
	TEST(not_root),
	TEST(nameless_group),
};

UNIT_MAIN("vfio_platform_open", tests)
