/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor gives the config's cards to VFIO: boot/bind.c. */
#include <linux/errno.h>

#include "boot/bind.h"
#include "test/unit/vfio_guest.h"

#define FIRST "0000:00:02.0"
#define SECOND "0000:01:00.1"

static void host(void)
{
	fake_reset();
	vfio_cards_of_config();
	assert_int_equal(fake_vfio.card_count, 2);
	fake_vfio.cards[0].driver = "nvme";
	fake_vfio.cards[1].driver = NULL;
}

static void bound_one_by_one(void)
{
	host();
	bind_devices();
	assert_string_equal(fake_vfio.sysfs,
			    FIRST "/driver_override=vfio-pci;" FIRST
				  "/driver/unbind=" FIRST ";"
				  "/drivers_probe=" FIRST ";" SECOND
				  "/driver_override=vfio-pci;"
				  "/drivers_probe=" SECOND ";");
	assert_string_equal(fake_vfio.cards[0].driver, "vfio-pci");
	assert_string_equal(fake_vfio.cards[1].driver, "vfio-pci");
	assert_int_equal(fake.log_lines, 0);
}

/* A restart of the supervisor: they are VFIO's already. */
static void bound_again(void)
{
	host();
	bind_devices();
	bind_devices();
	assert_string_equal(fake_vfio.cards[0].driver, "vfio-pci");
	assert_string_equal(fake_vfio.cards[1].driver, "vfio-pci");
	assert_int_equal(fake.log_lines, 0);
}

static void nothing_stays_open(void)
{
	int fd;

	host();
	bind_devices();
	for (fd = 3; fd < FAKE_FDS; fd++) {
		assert_int_equal(fake.fds[fd].kind, FAKE_CLOSED);
	}
}

static void device_missing(void)
{
	host();
	fake_vfio.card_count = 1; /* the second is not plugged in */
	bind_devices();
	fake_one_line("/sys/bus/pci/drivers_probe: error -19; cannot give host "
		      "device " SECOND " to vfio-pci");
	assert_string_equal(fake_vfio.cards[0].driver, "vfio-pci");
}

/* One that fails keeps none of the others. */
static void override_refused(void)
{
	host();
	fake_file("/sys/bus/pci/devices/" FIRST "/driver_override", 0)
		->open_error = -EACCES;
	bind_devices();
	fake_one_line(
		"/sys/bus/pci/devices/" FIRST
		"/driver_override: error -13; cannot give host device " FIRST
		" to vfio-pci");
	assert_string_equal(fake_vfio.cards[0].driver, "nvme");
	assert_string_equal(fake_vfio.cards[1].driver, "vfio-pci");
}

static void refused(const char *file, const char *line)
{
	host();
	fake_vfio.cards[1].driver = "vfio-pci";
	fake_vfio.card_count = 1;
	fake_vfio.sysfs_refuses = file;
	fake_vfio.sysfs_error = -EIO;
	bind_devices();
	assert_true(vfio_logged(line));
	assert_string_not_equal(fake_vfio.cards[0].driver ?
					fake_vfio.cards[0].driver :
					"none",
				"vfio-pci");
}

static void override_fails(void)
{
	refused("driver_override",
		"/driver_override: error -5; cannot give host device " FIRST);
	assert_string_equal(fake_vfio.cards[0].driver, "nvme");
}

static void unbind_fails(void)
{
	refused("driver/unbind",
		"/driver/unbind: error -5; cannot give host device " FIRST);
	assert_string_equal(fake_vfio.cards[0].driver, "nvme");
}

static void probe_fails(void)
{
	refused("drivers_probe", "/sys/bus/pci/drivers_probe: error -5; cannot "
				 "give host device " FIRST);
}

static const struct CMUnitTest tests[] = {
	TEST(bound_one_by_one),	  TEST(bound_again),
	TEST(nothing_stays_open), TEST(device_missing),
	TEST(override_refused),	  TEST(override_fails),
	TEST(unbind_fails),	  TEST(probe_fails),
};

UNIT_MAIN("bind", tests)
