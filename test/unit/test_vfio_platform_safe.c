/* SPDX-License-Identifier: Apache-2.0 */
/* Platform devices of the host on a board without BOARD_UNSAFE_DMA. */
#include <linux/errno.h>

#include "core/log.h"
#include "test/unit/soc_guest.h"

static struct fake_card *card;

static void machine(const char *name)
{
	soc_host();
	card = soc_card(name);
	card->no_iommu = 1;
}

static void nothing_happened(void)
{
	assert_false(card->is_open);
	assert_int_equal(fake_vfio.containers, 0);
	assert_int_equal(fake_vfio.group_opens, 0);
	assert_int_equal(fake_vfio.kvm_files, 0);
	assert_int_equal(soc_open(FAKE_SYSFS), 0);
}

/* The host would, with or without DMA; the board does not want it. */
static void host_would(const char *name)
{
	machine(name);
	soc_refused(name, "no IOMMU isolates it, and the board's header does "
			  "not say BOARD_UNSAFE_DMA");
	nothing_happened();
}

static void without_dma(void)
{
	host_would("rtc");
}

static void with_dma(void)
{
	host_would("eth");
}

/* Neither does the host; its switches are not what is missing. */
static void host_would_not(const char *driver)
{
	machine("timer");
	card->driver = driver;
	fake_vfio.noiommu_mode = 'N';
	fake_vfio.reset_required = 'Y';
	soc_refused("timer",
		    "no IOMMU isolates it; the host kernel needs the driver "
		    "of the board's IOMMU, or the board's header "
		    "BOARD_UNSAFE_DMA");
	nothing_happened();
}

static void unbound(void)
{
	host_would_not(NULL);
}

static void of_another_driver(void)
{
	host_would_not("virtio-mmio");
}

static void isolated(void)
{
	soc_host();
	card = soc_isolated("eth");
	soc_init("eth");
	soc_start();
	assert_true(card->is_open);
	assert_int_equal(fake_vfio.map_count, 2);
	assert_int_equal(fake.irqfd_count, 2);
	assert_int_equal(fake.log_lines, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(without_dma),	 TEST(with_dma), TEST(unbound),
	TEST(of_another_driver), TEST(isolated),
};

UNIT_MAIN("vfio_platform_safe", tests)
