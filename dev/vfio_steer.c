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

/* The one processor that we may run on, or -1. */
static int own_cpu(void)
{
	uint64_t mask[CPUS_MAX / 64] = { 0 };
	long bytes = sys_get_affinity(mask, sizeof(mask));
	int cpu = -1;
	unsigned i;

	for (i = 0; bytes > 0 && i < CPUS_MAX; i++) {
		if ((mask[i / 64] >> i % 64 & 1) != 0) {
			if (cpu >= 0) {
				return -1;
			}
			cpu = (int)i;
		}
	}
	return cpu;
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
		snprintf(scan->name, sizeof(scan->name), "(vfio-amba-%s)",
			 text);
	} else {
		snprintf(scan->name, sizeof(scan->name), "(%s)", device->host);
	}
}

void vfio_steer(const struct vfio_device *device)
{
	struct scan scan = { .in_number = 1 };
	int cpu = own_cpu();
	char text[256];
	long fd = -1;
	long n = 0;
	long i;

	if (cpu >= 0) {
		fd = sys_open("/proc/interrupts", O_RDONLY);
	}
	scan.cpu = (unsigned)cpu;
	set_name(&scan, device);
	while (fd >= 0 && (n = sys_read((int)fd, text, sizeof(text))) > 0) {
		for (i = 0; i < n; i++) {
			take(&scan, text[i]);
		}
	}
	if (fd >= 0) {
		sys_close((int)fd);
	}
}
