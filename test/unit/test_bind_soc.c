/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor gives the config's platform and AMBA devices to VFIO
 * (boot/bind.c), and a partition finds out what became of it.
 */
#include <linux/errno.h>

#include "boot/bind.h"
#include "core/log.h"
#include "test/unit/soc_guest.h"

#define RTC "9010000.pl031"
#define ETH "c0000000.ethernet"
#define TIMER "a000000.virtio_mmio"
#define BARE "d0000000.nothing"

static struct fake_card *rtc, *eth, *timer, *bare;

static void host(void)
{
	soc_host();
	rtc = soc_card("rtc");
	eth = soc_card("eth");
	timer = soc_card("timer");
	bare = soc_card("bare");
	rtc->driver = "rtc-pl031";
	eth->driver = timer->driver = bare->driver = NULL;
}

static void bound_by_their_buses(void)
{
	int fd;

	host();
	bind_devices();
	assert_string_equal(fake_vfio.sysfs,
			    RTC "/driver_override=vfio-amba;" RTC
				"/driver/unbind=" RTC ";"
				"amba/drivers_probe=" RTC ";" ETH
				"/driver_override=vfio-platform;"
				"platform/drivers_probe=" ETH ";" TIMER
				"/driver_override=vfio-platform;"
				"platform/drivers_probe=" TIMER ";" BARE
				"/driver_override=vfio-platform;"
				"platform/drivers_probe=" BARE ";");
	assert_string_equal(rtc->driver, "vfio-amba");
	assert_string_equal(eth->driver, "vfio-platform");
	assert_string_equal(timer->driver, "vfio-platform");
	assert_int_equal(fake.log_lines, 0);
	for (fd = 3; fd < FAKE_FDS; fd++) {
		assert_int_not_equal(fake.fds[fd].kind, FAKE_SYSFS);
	}
}

static void bound_again(void)
{
	host();
	bind_devices();
	bind_devices();
	assert_string_equal(rtc->driver, "vfio-amba");
	assert_string_equal(bare->driver, "vfio-platform");
	assert_int_equal(fake.log_lines, 0);
}

/* The board's device that the config does not name stays its driver's. */
static void only_those_of_the_config(void)
{
	struct fake_card *spare;

	host();
	spare = vfio_card("9040000.pl011");
	spare->bus = "amba";
	spare->driver = "uart-pl011";
	bind_devices();
	assert_string_equal(spare->driver, "uart-pl011");
}

static void device_missing(void)
{
	host();
	fake_vfio.card_count = 3;
	bind_devices();
	fake_one_line("/sys/bus/platform/drivers_probe: error -19; cannot give "
		      "host device " BARE " to vfio-platform");
	assert_string_equal(timer->driver, "vfio-platform");
}

/* The header has the wrong bus. */
static void of_the_other_bus(void)
{
	host();
	rtc->bus = "platform";
	bind_devices();
	fake_one_line("/sys/bus/amba/drivers_probe: error -19; cannot give "
		      "host device " RTC " to vfio-amba");
	assert_string_equal(rtc->driver, "rtc-pl031");
	assert_string_equal(eth->driver, "vfio-platform");
}

static void unbind_fails(void)
{
	host();
	fake_vfio.sysfs_refuses = "driver/unbind";
	fake_vfio.sysfs_error = -EIO;
	bind_devices();
	fake_one_line("/sys/bus/amba/devices/" RTC
		      "/driver/unbind: error -5; cannot give host device " RTC
		      " to vfio-amba");
	assert_string_equal(rtc->driver, "rtc-pl031");
	assert_string_equal(timer->driver, "vfio-platform");
}

/* -- And then ------------------------------------------------------------ */

static void then_opened(void)
{
	host();
	bind_devices();
	soc_init("rtc");
	soc_init("timer");
	assert_true(rtc->is_open && timer->is_open);
	assert_int_equal(fake.log_lines, 0);
}

/* drivers_probe does not say that VFIO's driver did not take it. */
static void mode_is_off(void)
{
	host();
	fake_vfio.noiommu_mode = 'N';
	bind_devices();
	assert_null(rtc->driver);
	assert_string_equal(eth->driver, "vfio-platform"); /* isolated */
	assert_int_equal(fake.log_lines, 0);
	soc_refused("rtc", "no IOMMU isolates it; start the host kernel with "
			   "vfio.enable_unsafe_noiommu_mode=1");
}

#define NO_RESET                                                           \
	"VFIO's driver does not take it; if the host kernel has no reset " \
	"for it, start that with vfio_platform.reset_required=0"

static void host_without_resets(void)
{
	host();
	fake_vfio.reset_required = 'Y';
	timer->can_reset = 1;
	bare->can_reset = 0;
	bind_devices();
	assert_string_equal(rtc->driver, "vfio-amba");
	assert_string_equal(timer->driver, "vfio-platform");
	assert_null(eth->driver);
	assert_null(bare->driver);
}

static void no_reset(void)
{
	host_without_resets();
	soc_refused("bare", NO_RESET);
}

static void no_reset_isolated(void)
{
	host_without_resets();
	soc_refused("eth", NO_RESET);
}

static const struct CMUnitTest tests[] = {
	TEST(bound_by_their_buses),
	TEST(bound_again),
	TEST(only_those_of_the_config),
	TEST(device_missing),
	TEST(of_the_other_bus),
	TEST(unbind_fails),
	TEST(then_opened),
	TEST(mode_is_off),
	TEST(no_reset),
	TEST(no_reset_isolated),
};

UNIT_MAIN("bind_soc", tests)
