/* SPDX-License-Identifier: Apache-2.0 */
/* The host's network as the VMM sees it: a tap interface, sockets, vhost. */
#include <linux/errno.h>
#include <linux/if_tun.h>
#include <linux/ioctl.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/fake.h"

static void count(unsigned long request)
{
	if (fake.vhost_calls < FAKE_VHOST_CALLS) {
		fake.vhost_log[fake.vhost_calls] = request;
	}
	fake.vhost_calls++;
}

static long vhost_ioctl(unsigned long request, void *arg)
{
	count(request);
	switch (request) {
	case VHOST_GET_FEATURES:
		*(uint64_t *)arg = fake.vhost_features;
		return 0;
	case VHOST_SET_FEATURES:
		if ((*(uint64_t *)arg & ~fake.vhost_features) != 0) {
			return -EOPNOTSUPP;
		}
		fake.vhost_accepted = *(uint64_t *)arg;
		return 0;
	case VHOST_SET_OWNER:
	case VHOST_SET_MEM_TABLE:
	case VHOST_SET_VRING_NUM:
	case VHOST_SET_VRING_BASE:
	case VHOST_SET_VRING_ADDR:
	case VHOST_SET_VRING_KICK:
	case VHOST_SET_VRING_CALL:
	case VHOST_SET_VRING_ERR:
	case VHOST_NET_SET_BACKEND:
	case VHOST_VSOCK_SET_GUEST_CID:
	case VHOST_VSOCK_SET_RUNNING:
		return 0;
	default:
		fail_msg("unexpected vhost ioctl 0x%lx", request);
		return -ENOTTY;
	}
}

static long net_ioctl(unsigned long request)
{
	switch (request) {
	case TUNSETIFF:
	case TUNSETVNETHDRSZ:
	case TUNSETOFFLOAD:
	case SIOCGIFMTU:
	case SIOCSIFMTU:
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCGIFFLAGS:
	case SIOCSIFFLAGS:
		return 0;
	default:
		fail_msg("unexpected network ioctl 0x%lx", request);
		return -ENOTTY;
	}
}

long fake_net_ioctl(struct fake_fd *fd, unsigned long request, void *arg)
{
	return fd->kind == FAKE_VHOST ? vhost_ioctl(request, arg) :
					net_ioctl(request);
}

long sys_socket(int domain, int type, int protocol)
{
	long fault = fake_fault(__func__, (unsigned long)domain);

	(void)type;
	assert_int_equal(protocol, 0);
	return fault != 0 ? fault : fake_new_fd(FAKE_SOCKET, 1);
}

/* A packet from the host's side, if one waits. */
long sys_readv(int fd, const struct sys_iovec *iov, int n)
{
	size_t done = 0;
	int i;

	fake_get_fd(fd, FAKE_TAP);
	if (fake.packet_bytes == 0) {
		return -EAGAIN;
	}
	for (i = 0; i < n && done < fake.packet_bytes; i++) {
		size_t part = fake.packet_bytes - done;

		part = part < iov[i].len ? part : iov[i].len;
		memcpy(iov[i].base, fake.packet + done, part);
		done += part;
	}
	fake.packet_bytes = 0;
	return (long)done;
}

/* A packet of the guest; the last one is kept. */
long sys_writev(int fd, const struct sys_iovec *iov, int n)
{
	size_t done = 0;
	int i;

	fake_get_fd(fd, FAKE_TAP);
	if (fake.tap_error != 0) {
		return fake.tap_error;
	}
	for (i = 0; i < n; i++) {
		assert_true(done + iov[i].len <= FAKE_PACKET);
		memcpy(fake.sent + done, iov[i].base, iov[i].len);
		done += iov[i].len;
	}
	fake.sent_bytes = (unsigned)done;
	fake.sent_count++;
	return (long)done;
}

/* -- What neighbours share ----------------------------------------------- */

long sys_ftruncate(int fd, uint64_t size)
{
	struct fake_file *file = &fake.files[fake_get_fd(fd, FAKE_FILE)->file];
	long fault = fake_fault(__func__, (unsigned long)fd);

	if (fault == 0) {
		free(file->data);
		file->data = calloc(1, size);
		file->size = size;
	}
	return fault;
}

/* The pipe, of which a fake file is the buffer. */
long sys_mknod(const char *path, unsigned mode)
{
	long fault = fake_fault(__func__, mode);
	unsigned i;

	assert_int_equal(mode & S_IFMT, S_IFIFO);
	if (fault != 0) {
		return fault;
	}
	for (i = 0; i < fake.file_count; i++) {
		if (strcmp(fake.files[i].path, path) == 0) {
			return -EEXIST;
		}
	}
	fake_file(strdup(path), 0)->mode = mode;
	return 0;
}
