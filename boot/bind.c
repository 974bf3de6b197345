/* SPDX-License-Identifier: Apache-2.0 */
/* Binds the host's devices to VFIO's drivers, by sysfs. */
#include "boot/bind.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "core/log.h"
#include "core/sys.h"

/* Writes text to the file; 0 or -errno. */
static long put(const char *path, const char *text)
{
	long fd = sys_open(path, O_WRONLY);
	long ret;

	if (fd < 0) {
		return fd;
	}
	ret = sys_write((int)fd, text, strlen(text));
	sys_close((int)fd);
	return ret < 0 ? ret : 0;
}

/* To the bus's driver of VFIO: vfio-pci, vfio-platform, vfio-amba. */
static void bind_device(const char *bus, const char *host)
{
	char driver[32];
	char path[128];
	long ret;

	snprintf(driver, sizeof(driver), "vfio-%s", bus);
	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/driver_override",
		 bus, host);
	ret = put(path, driver);
	if (ret >= 0) {
		snprintf(path, sizeof(path),
			 "/sys/bus/%s/devices/%s/driver/unbind", bus, host);
		ret = put(path, host);
	}
	if (ret >= 0 || ret == -ENOENT) { /* no driver had it */
		snprintf(path, sizeof(path), "/sys/bus/%s/drivers_probe", bus);
		ret = put(path, host);
	}
	if (ret < 0) {
		log_line("%s: error %ld; cannot give host device %s to %s",
			 path, ret, host, driver);
	}
}

void bind_devices(void)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];

		if (row->kind == DEVICE_VFIO_PCI) {
			bind_device("pci", row->function->host);
		} else if (row->kind == DEVICE_VFIO_PLATFORM) {
			bind_device(row->soc->bus, row->soc->host);
		}
	}
}
