/* SPDX-License-Identifier: Apache-2.0 */
/* The fake Linux: a tap interface, and what neighbours share. */
#include <linux/errno.h>
#include <linux/if_tun.h>
#include <linux/ioctl.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/fake_huge.h"

#define NAME_BYTES 16
#define INTERFACE_UP 1
#define TUN_OFFLOADS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)

/* -- Configuration ------------------------------------------------------- */

/* What a struct ifreq holds behind the name. */
static void *value_of(void *ifr)
{
	assert_string_equal(ifr, fake.tap_name);
	return (char *)ifr + NAME_BYTES;
}

static long set_address(uint8_t *to, void *ifr)
{
	const uint8_t *sockaddr = value_of(ifr);

	assert_int_equal(sockaddr[0] | sockaddr[1] << 8, 2); /* AF_INET */
	memcpy(to, sockaddr + 4, 4);
	return 0;
}

#define TAP_INDEX 7

/* An interface's own flags: 1 is IFF_UP. */
static int *up_of(void *ifr)
{
	return fake.bridge[0] != '\0' && strcmp(ifr, fake.bridge) == 0 ?
		       &fake.bridge_up :
		       &fake.tap_up;
}

static long make_bridge(const char *name)
{
	if (strcmp(fake.bridge, name) == 0) {
		return -EEXIST;
	}
	memcpy(fake.bridge, name, NAME_BYTES);
	return 0;
}

static long join_bridge(const char *ifr)
{
	int index;

	assert_string_equal(ifr, fake.bridge);
	memcpy(&index, ifr + NAME_BYTES, sizeof(index));
	assert_int_equal(index, TAP_INDEX);
	if (fake.bridge_port == index) {
		return -EBUSY;
	}
	fake.bridge_port = index;
	return 0;
}

static long bridge_ioctl(unsigned long request, void *arg)
{
	static const int index = TAP_INDEX;

	switch (request) {
	case SIOCGIFINDEX:
		memcpy(value_of(arg), &index, sizeof(index));
		return 0;
	case SIOCBRADDBR:
		return make_bridge(arg);
	case SIOCBRADDIF:
		return join_bridge(arg);
	default:
		fail_msg("unexpected ioctl 0x%lx of a socket", request);
		return -ENOTTY;
	}
}

static long socket_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case SIOCGIFMTU:
		memcpy(value_of(arg), &fake.tap_mtu, 4);
		return 0;
	case SIOCSIFMTU:
		memcpy(&fake.tap_mtu, value_of(arg), 4);
		return 0;
	case SIOCSIFADDR:
		return set_address(fake.tap_ipv4, arg);
	case SIOCSIFNETMASK:
		return set_address(fake.tap_netmask, arg);
	case SIOCGIFFLAGS:
		memset((char *)arg + NAME_BYTES, 0, 2);
		((char *)arg)[NAME_BYTES] = *up_of(arg) ? INTERFACE_UP : 0;
		return 0;
	case SIOCSIFFLAGS:
		*up_of(arg) = ((char *)arg)[NAME_BYTES] & INTERFACE_UP;
		return 0;
	default:
		return bridge_ioctl(request, arg);
	}
}

/* As set_offload() of drivers/net/tun.c: no segments without checksums. */
static long set_offload(unsigned offload)
{
	if ((offload & ~TUN_OFFLOADS) != 0 ||
	    (offload != 0 && (offload & TUN_F_CSUM) == 0)) {
		return -EINVAL;
	}
	fake.tap_offload = offload;
	return 0;
}

static long tap_ioctl(unsigned long request, void *arg)
{
	int16_t flags;

	switch (request) {
	case TUNSETIFF:
		memcpy(fake.tap_name, arg, NAME_BYTES);
		memcpy(&flags, value_of(arg), sizeof(flags));
		fake.tap_flags = flags;
		return 0;
	case TUNSETVNETHDRSZ:
		fake.tap_header = *(int *)arg;
		return 0;
	case TUNSETOFFLOAD:
		return set_offload((unsigned)(uintptr_t)arg);
	default:
		fail_msg("unexpected ioctl 0x%lx of a tap", request);
		return -ENOTTY;
	}
}

long fake_net_ioctl(struct fake_fd *fd, unsigned long request, void *arg)
{
	if (fd->kind == FAKE_VHOST) {
		return fake_vhost_ioctl(request, arg);
	}
	if (request == fake.tap_refuses) {
		return -EPERM;
	}
	return fd->kind == FAKE_TAP ? tap_ioctl(request, arg) :
				      socket_ioctl(request, arg);
}

long sys_socket(int domain, int type, int protocol)
{
	long fault = fake_fault(__func__, (unsigned long)domain);

	(void)type;
	assert_int_equal(protocol, 0);
	return fault != 0 ? fault : fake_new_fd(FAKE_SOCKET, 1);
}

/* -- Packets ------------------------------------------------------------- */

void fake_packet(const void *bytes, unsigned n)
{
	assert_true(n <= FAKE_PACKET);
	memcpy(fake.packet, bytes, n);
	fake.packet_bytes = n;
	fake_progress();
}

static long tap_fault(int fd)
{
	assert_true(fake_get_fd(fd, FAKE_TAP)->nonblock);
	return fake.tap_gone ? -EBADFD : fake.tap_error;
}

/*
 * A packet from the host's side, if one waits. What does not fit is lost, and
 * not counted.
 */
long sys_readv(int fd, const struct sys_iovec *iov, int n)
{
	long fault = tap_fault(fd);
	size_t done = 0;
	int i;

	if (fault != 0) {
		return fault;
	}
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

/* A packet of the guest; the last one is kept. As tun_get_user(). */
long sys_writev(int fd, const struct sys_iovec *iov, int n)
{
	long fault = tap_fault(fd);
	size_t done = 0;
	int i;

	if (fault != 0) {
		return fault;
	}
	assert_in_range(n, 1, 1024);
	for (i = 0; i < n; i++) {
		assert_true(done + iov[i].len <= FAKE_PACKET);
		memcpy(fake.sent + done, iov[i].base, iov[i].len);
		done += iov[i].len;
	}
	if (done < (size_t)fake.tap_header + 14) {
		return -EINVAL;
	}
	fake.sent_bytes = (unsigned)done;
	fake.sent_count++;
	return (long)done;
}

/* -- What neighbours share ----------------------------------------------- */

long sys_ftruncate(int fd, uint64_t size)
{
	struct fake_fd *f = fake_get_fd(fd, FAKE_CLOSED);
	long fault = fake_fault(__func__, (unsigned long)fd);
	struct fake_file *file;

	if (fault == 0 && f->kind == FAKE_HUGETLB) {
		return fake_huge_truncate(f, size);
	}
	if (fault == 0) {
		file = &fake.files[fake_get_fd(fd, FAKE_FILE)->file];
		free(file->data);
		assert_int_equal(posix_memalign((void **)&file->data, 4096,
						size),
				 0);
		memset(file->data, 0, size);
		file->size = size;
	}
	return fault;
}

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

int fake_pipe_ready(const struct fake_file *pipe)
{
	assert_int_equal(pipe->mode & S_IFMT, S_IFIFO);
	return pipe->size != 0;
}

/* Of a pipe only the number of bytes in it is kept, as its size. */
long fake_read_pipe(struct fake_file *pipe, void *buf, size_t len)
{
	assert_int_equal(pipe->mode & S_IFMT, S_IFIFO);
	pipe->reads++;
	if (pipe->io_error != 0) {
		return pipe->io_error;
	}
	if (pipe->size == 0) {
		return -EAGAIN;
	}
	len = len < pipe->size ? len : pipe->size;
	memset(buf, 1, len);
	pipe->size -= len;
	return (long)len;
}

long fake_write_pipe(struct fake_file *pipe, size_t len)
{
	assert_int_equal(pipe->mode & S_IFMT, S_IFIFO);
	pipe->writes++;
	if (pipe->io_error != 0) {
		return pipe->io_error;
	}
	if (pipe->size + len > FAKE_PIPE) {
		return -EAGAIN;
	}
	pipe->size += len;
	fake_progress();
	return (long)len;
}
