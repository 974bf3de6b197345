/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the host takes a device's interrupts. /proc/interrupts has a line for
 * each, that starts with its number and ends with VFIO's name for it, in which
 * the device's is in parentheses: the host's name, or a primecell's id.
 */
#include <linux/fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "dev/vfio.h"

#define CPUS_MAX 1024

struct scan {
	char name[96]; /* in parentheses */
	unsigned cpu;
	unsigned matched; /* characters of it */
	unsigned number; /* at the start of the line */
	int in_number;
	int found;
};

/* How many processors we may run on, and the last of them; or -errno. */
static long own_cpus(unsigned *cpu)
{
	uint64_t mask[CPUS_MAX / 64] = { 0 };
	long ret = sys_get_affinity(mask, sizeof(mask));
	long count = 0;
	unsigned i;

	if (ret < 0) {
		return ret;
	}
	for (i = 0; i < CPUS_MAX; i++) {
		if ((mask[i / 64] >> i % 64 & 1) != 0) {
			*cpu = i;
			count++;
		}
	}
	return count;
}

static void steer(unsigned irq, unsigned cpu)
{
	char text[48];
	long fd;

	snprintf(text, sizeof(text), "/proc/irq/%u/smp_affinity_list", irq);
	fd = sys_open(text, O_WRONLY);
	if (fd >= 0) {
		snprintf(text, sizeof(text), "%u", cpu);
		/* Refused for what the ITS delivers by itself: fine. */
		sys_write((int)fd, text, strlen(text));
		sys_close((int)fd);
	}
}

static void take(struct scan *scan, char c)
{
	if (c == '\n') {
		if (scan->found) {
			steer(scan->number, scan->cpu);
		}
		scan->number = 0;
		scan->matched = 0;
		scan->found = 0;
		scan->in_number = 1;
		return;
	}
	if (scan->in_number && c >= '0' && c <= '9') {
		scan->number = 10 * scan->number + (unsigned)(c - '0');
	} else if (c != ' ') {
		scan->in_number = 0;
	}
	scan->matched = c == scan->name[scan->matched] ? scan->matched + 1 :
							 c == scan->name[0];
	if (scan->name[scan->matched] == '\0') {
		scan->found = 1;
		scan->matched = 0;
	}
}

static void set_name(struct scan *scan, const struct vfio_device *device)
{
	char text[96];
	long fd = -1;
	long n = 0;

	if (strcmp(device->bus, "amba") == 0) {
		snprintf(text, sizeof(text), "/sys/bus/amba/devices/%s/id",
			 device->host);
		fd = sys_open(text, O_RDONLY);
	}
	if (fd >= 0) {
		n = sys_read((int)fd, text, sizeof(text));
		sys_close((int)fd);
	}
	if (n > 1) {
		text[n - 1] = '\0'; /* the end of the line */
		snprintf(scan->name, sizeof(scan->name), "(vfio-amba-%.16s)",
			 text);
	} else {
		snprintf(scan->name, sizeof(scan->name), "(%s)", device->host);
	}
}

void vfio_steer(const struct vfio_device *device)
{
	struct scan scan = { .in_number = 1 };
	long ret = own_cpus(&scan.cpu);
	char text[256];
	long fd = -1;
	long i;

	if (ret >= 0 && ret != 1) {
		return; /* wherever the host likes, as we are */
	}
	if (ret >= 0) {
		set_name(&scan, device);
		fd = sys_open("/proc/interrupts", O_RDONLY);
		ret = fd;
	}
	while (ret > 0) {
		ret = sys_read((int)fd, text, sizeof(text));
		for (i = 0; i < ret; i++) {
			take(&scan, text[i]);
		}
	}
	if (fd >= 0) {
		sys_close((int)fd);
	}
	if (ret < 0) {
		log_line("%s: host device %s: interrupts stay where the host "
			 "takes them (%ld); mount /proc",
			 device->name, device->host, ret);
	}
}
