// SPDX-License-Identifier: Apache-2.0
/* Which driver of the host has a PCI function, by sysfs. */
#include "runner.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FUNCTIONS "/sys/bus/pci/devices"

static int put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	int failed = !file || fputs(text, file) < 0;

	return (file && fclose(file)) || failed ? -1 : 0;
}

static int has(const char *driver, const char *function)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", driver,
		 function);
	return !access(path, F_OK);
}

int bind_function(const char *function, const char *driver)
{
	char path[PATH_MAX];

	if (has(driver, function)) {
		return 0;
	}
	snprintf(path, sizeof(path), FUNCTIONS "/%s/driver_override", function);
	if (put(path, driver)) {
		return -1;
	}
	snprintf(path, sizeof(path), FUNCTIONS "/%s/driver/unbind", function);
	put(path, function); /* it may have none */
	if (put("/sys/bus/pci/drivers_probe", function)) {
		return -1;
	}
	/* NVMe's driver is bound asynchronously. */
	for (int i = 0; i < 500 && !has(driver, function); i++) {
		usleep(10000);
	}
	return has(driver, function) ? 0 : -1;
}
