// SPDX-License-Identifier: Apache-2.0
/* Which driver of the host has a device, by sysfs. */
#include "runner.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	int failed = !file || fputs(text, file) < 0;

	return (file && fclose(file)) || failed ? -1 : 0;
}

static int has(const char *bus, const char *driver, const char *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s/%s", bus, driver,
		 device);
	return !access(path, F_OK);
}

int bind_device(const char *bus, const char *device, const char *driver)
{
	char path[PATH_MAX];

	if (has(bus, driver, device)) {
		return 0;
	}
	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/driver_override",
		 bus, device);
	if (put(path, driver)) {
		return -1;
	}
	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/driver/unbind",
		 bus, device);
	put(path, device); /* it may have none */
	snprintf(path, sizeof(path), "/sys/bus/%s/drivers_probe", bus);
	if (put(path, device)) {
		return -1;
	}
	/* NVMe's driver is bound asynchronously. */
	for (int i = 0; i < 500 && !has(bus, driver, device); i++) {
		usleep(10000);
	}
	return has(bus, driver, device) ? 0 : -1;
}
