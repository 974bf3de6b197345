/* SPDX-License-Identifier: Apache-2.0 */
/* Files and eventfds that partitions share by inheriting them. */
#include "dev/shared.h"

#include <linux/eventfd.h>
#include <linux/memfd.h>

#include "core/config.h"

static struct shared {
	int fd;
	unsigned peers;
	int bells[CONFIG_MAX_PEERS][CONFIG_MAX_VECTORS];
} memories[CONFIG_MAX_MEMORIES];
static int ready;

static long make_memory(unsigned i)
{
	long ret = sys_memfd_create("shared memory", MFD_CLOEXEC);

	if (ret >= 0) {
		memories[i].fd = (int)ret;
		ret = sys_ftruncate(memories[i].fd, config_memories[i]);
	}
	return ret;
}

static long make_bells(const struct config_device *row)
{
	struct shared *shared = &memories[row->memory - 1];
	unsigned vector;

	shared->peers++;
	for (vector = 0; vector < row->vectors; vector++) {
		long ret = sys_eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (ret < 0) {
			return ret;
		}
		shared->bells[row->peer][vector] = (int)ret;
	}
	return 0;
}

long shared_init(void)
{
	long ret = 0;
	unsigned i;

	for (i = 0; !ready && ret >= 0 && i < config_memory_count; i++) {
		ret = make_memory(i);
	}
	for (i = 0; !ready && ret >= 0 && i < config_device_count; i++) {
		if (config_devices[i].memory != 0) {
			ret = make_bells(&config_devices[i]);
		}
	}
	ready |= ret >= 0;
	return ret < 0 ? ret : 0;
}

static int is_shared(unsigned partition, unsigned memory)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].partition == partition &&
		    config_devices[i].memory == memory) {
			return 1;
		}
	}
	return 0;
}

void shared_leave(unsigned partition)
{
	unsigned i;

	for (i = 0; i < config_memory_count; i++) {
		if (!is_shared(partition, i + 1)) {
			sys_close(memories[i].fd);
		}
	}
	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];
		unsigned vector;

		for (vector = 0; row->memory != 0 && vector < row->vectors &&
				 !is_shared(partition, row->memory);
		     vector++) {
			sys_close(shared_bell(row->memory, row->peer, vector));
		}
	}
}

int shared_memory(unsigned memory)
{
	return memories[memory - 1].fd;
}

unsigned shared_peers(unsigned memory)
{
	return memories[memory - 1].peers;
}

int shared_bell(unsigned memory, unsigned peer, unsigned vector)
{
	return memories[memory - 1].bells[peer][vector];
}
