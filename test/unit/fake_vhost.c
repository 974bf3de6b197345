/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake Linux: vhost-net and vhost-vsock, as strict as drivers/vhost. Of
 * all vhost devices of a process this is the one and the same.
 */
#include <linux/errno.h>
#include <linux/vhost.h>
#include <stdio.h>
#include <string.h>

#include "test/unit/fake.h"
#include "test/unit/unit.h"

static const struct {
	unsigned long request;
	const char *name;
	int of_ring; /* its argument starts with a ring's number */
} calls[] = {
	{ VHOST_GET_FEATURES, "", 0 },
	{ VHOST_SET_OWNER, "owner", 0 },
	{ VHOST_SET_FEATURES, "features", 0 },
	{ VHOST_SET_MEM_TABLE, "memory", 0 },
	{ VHOST_SET_VRING_NUM, "num", 1 },
	{ VHOST_SET_VRING_BASE, "base", 1 },
	{ VHOST_SET_VRING_ADDR, "addr", 1 },
	{ VHOST_SET_VRING_KICK, "kick", 1 },
	{ VHOST_SET_VRING_CALL, "call", 1 },
	{ VHOST_SET_VRING_ERR, "err", 1 },
	{ VHOST_NET_SET_BACKEND, "backend", 1 },
	{ VHOST_VSOCK_SET_GUEST_CID, "cid", 0 },
	{ VHOST_VSOCK_SET_RUNNING, "running", 0 },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static size_t find(unsigned long request)
{
	size_t i;

	for (i = 0; i < CALLS; i++) {
		if (calls[i].request == request) {
			return i;
		}
	}
	fail_msg("unexpected vhost ioctl 0x%lx", request);
	return 0;
}

const char *fake_vhost_calls(void)
{
	static char text[1024];
	unsigned n = 0;
	unsigned i;

	assert_true(fake.vhost_calls <= FAKE_VHOST_CALLS);
	text[0] = '\0';
	for (i = 0; i < fake.vhost_calls; i++) {
		const char *name = calls[find(fake.vhost_log[i])].name;

		if (name[0] != '\0') {
			n += (unsigned)snprintf(text + n, sizeof(text) - n,
						n == 0 ? "%s" : " %s", name);
		}
	}
	fake.vhost_calls = 0;
	return text;
}

/* -- Memory -------------------------------------------------------------- */

static long set_memory(const struct vhost_memory *table)
{
	assert_in_range(table->nregions, 1, 4);
	assert_int_equal(table->padding, 0);
	memcpy(&fake.vhost_memory, table,
	       sizeof(*table) + table->nregions * sizeof(table->regions[0]));
	return 0;
}

static int in_memory(uint64_t host)
{
	unsigned i;

	for (i = 0; i < fake.vhost_memory.head.nregions; i++) {
		const struct vhost_memory_region *r =
			&fake.vhost_memory.regions[i];

		if (host - r->userspace_addr < r->memory_size) {
			return 1;
		}
	}
	return 0;
}

/* -- Rings --------------------------------------------------------------- */

static void not_running(const struct fake_vring *ring)
{
	if (ring->backend >= 0 || fake.vhost_running) {
		fail_msg("a ring changes while it is served");
	}
}

static long set_addr(struct fake_vring *ring, const struct vhost_vring_addr *a)
{
	not_running(ring);
	assert_int_equal(a->flags, 0);
	assert_true(in_memory(a->desc_user_addr));
	assert_true(in_memory(a->avail_user_addr));
	assert_true(in_memory(a->used_user_addr));
	if (a->desc_user_addr % 16 != 0 || a->avail_user_addr % 2 != 0 ||
	    a->used_user_addr % 4 != 0) {
		return -EINVAL;
	}
	ring->desc = a->desc_user_addr;
	ring->avail = a->avail_user_addr;
	ring->used = a->used_user_addr;
	return 0;
}

static void set_eventfd(int *fd, const struct vhost_vring_file *file)
{
	if (file->fd >= 0) {
		fake_get_fd(file->fd, FAKE_EVENTFD);
	}
	*fd = file->fd;
}

/* The rings are looked at from here on. */
static long set_backend(struct fake_vring *ring, int fd)
{
	if (fd >= 0) {
		fake_get_fd(fd, FAKE_TAP);
		assert_int_not_equal(ring->desc, 0);
		assert_int_not_equal(ring->num, 0);
		assert_true(ring->kick >= 0 && ring->call >= 0 &&
			    ring->err >= 0);
	}
	ring->backend = fd;
	return 0;
}

static long ring_ioctl(unsigned long request, const void *arg)
{
	const struct vhost_vring_state *state = arg;
	const struct vhost_vring_file *file = arg;
	struct fake_vring *ring;

	assert_in_range(state->index, 0, FAKE_VRINGS - 1);
	ring = &fake.vrings[state->index];
	switch (request) {
	case VHOST_SET_VRING_NUM:
		not_running(ring);
		ring->num = state->num;
		return 0;
	case VHOST_SET_VRING_BASE:
		not_running(ring);
		ring->base = state->num;
		return 0;
	case VHOST_SET_VRING_ADDR:
		return set_addr(ring, arg);
	case VHOST_SET_VRING_KICK:
		set_eventfd(&ring->kick, file);
		return 0;
	case VHOST_SET_VRING_CALL:
		set_eventfd(&ring->call, file);
		return 0;
	case VHOST_SET_VRING_ERR:
		set_eventfd(&ring->err, file);
		return 0;
	default:
		return set_backend(ring, file->fd);
	}
}

/* Every ring, set up or not: as vhost_vsock_start(). */
static long set_running(int running)
{
	unsigned i;

	for (i = 0; running && i < FAKE_VRINGS; i++) {
		if (fake.vrings[i].desc == 0) {
			return -EFAULT;
		}
	}
	fake.vhost_running = running;
	return 0;
}

/* -- ioctls -------------------------------------------------------------- */

static long set_features(uint64_t features)
{
	if ((features & ~fake.vhost_features) != 0) {
		return -EOPNOTSUPP;
	}
	fake.vhost_accepted = features;
	return 0;
}

static long device_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case VHOST_GET_FEATURES:
		*(uint64_t *)arg = fake.vhost_features;
		return 0;
	case VHOST_SET_OWNER:
		fake.vhost_owned = 1;
		return 0;
	case VHOST_SET_FEATURES:
		return set_features(*(uint64_t *)arg);
	case VHOST_SET_MEM_TABLE:
		return set_memory(arg);
	case VHOST_VSOCK_SET_GUEST_CID:
		fake.vhost_cid = *(uint64_t *)arg;
		return 0;
	case VHOST_VSOCK_SET_RUNNING:
		return set_running(*(int *)arg);
	default:
		return ring_ioctl(request, arg);
	}
}

long fake_vhost_ioctl(unsigned long request, void *arg)
{
	size_t call = find(request);

	if (fake.vhost_calls < FAKE_VHOST_CALLS) {
		fake.vhost_log[fake.vhost_calls] = request;
	}
	fake.vhost_calls++;
	if (!fake.vhost_owned && request != VHOST_SET_OWNER &&
	    request != VHOST_GET_FEATURES) {
		fail_msg("%s before the owner", calls[call].name);
	}
	if (request == fake.vhost_refuses &&
	    (!calls[call].of_ring ||
	     *(unsigned *)arg == fake.vhost_refused_ring)) {
		return fake.vhost_error;
	}
	return device_ioctl(request, arg);
}

void fake_each_vhost_start(unsigned long last, void (*test)(void *request))
{
	unsigned long requests[] = {
		VHOST_SET_FEATURES,
		VHOST_SET_MEM_TABLE,
		VHOST_SET_VRING_NUM,
		VHOST_SET_VRING_BASE,
		VHOST_SET_VRING_ADDR,
		VHOST_SET_VRING_KICK,
		VHOST_SET_VRING_CALL,
		VHOST_SET_VRING_ERR,
		last,
	};
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_int_equal(unit_child(test, &requests[i]), 0);
	}
}
