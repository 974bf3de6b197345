/* SPDX-License-Identifier: Apache-2.0 */
/* The fake Linux: descriptors, files, terminal, clock, processes. */
#include "test/unit/fake_huge.h"
#include "test/unit/fake_vfio.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/signalfd.h>
#include <linux/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake fake;

/* -- Set-up -------------------------------------------------------------- */

void fake_reset(void)
{
	unsigned i;

	memset(&fake, 0, sizeof(fake));
	fake.fds[0] = (struct fake_fd){ .kind = FAKE_TTY_IN };
	fake.fds[1] = (struct fake_fd){ .kind = FAKE_TTY_OUT };
	fake.fds[2] = (struct fake_fd){ .kind = FAKE_STDERR };
	fake.tty_room = FAKE_TTY;
	fake.stdio_mode = S_IFCHR | 0600;
	fake.port.mode = S_IFCHR | 0600;
	fake.port.room = FAKE_PORT_BYTES;
	fake.clock[0].sec = 1700000000;
	fake.clock[1].sec = 1000;
	fake.entropy = 1 << 30;
	fake.api_version = KVM_API_VERSION;
	fake.ipa_limit = 48;
	fake.pid = 1234;
	fake.total_memory = 1l << 40;
	fake.tap_mtu = 1500;
	for (i = 0; i < FAKE_VRINGS; i++) {
		fake.vrings[i] = (struct fake_vring){ .kick = -1,
						      .call = -1,
						      .err = -1,
						      .backend = -1 };
	}
	fake_ring_reset();
	fake_vfio_reset();
	fake_huge_reset();
}

long fake_fault(const char *name, unsigned long detail)
{
	if (++fake.calls != fake.fail_at) {
		return 0;
	}
	fake.failed = name;
	snprintf(fake.failed_detail, sizeof(fake.failed_detail), "%lx", detail);
	return fake.fail_with;
}

#define FAULT(detail)                                                       \
	do {                                                                \
		long fault = fake_fault(__func__, (unsigned long)(detail)); \
		if (fault != 0) {                                           \
			return fault;                                       \
		}                                                           \
	} while (0)

void fake_one_line(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	if (fake.log_lines != 1) {
		fail_msg("%u log lines, not 1:\n%s", fake.log_lines, fake.log);
	}
	if (!strstr(fake.log, text)) {
		fail_msg("'%s' is not in: %s", text, fake.log);
	}
	assert_memory_equal(fake.log, "bedplate: ", 10);
	assert_memory_equal(fake.log + fake.log_bytes - 2, "\r\n", 2);
}

/* -- Descriptors --------------------------------------------------------- */

int fake_new_fd(enum fake_kind kind, int cloexec)
{
	int fd;

	for (fd = 3; fd < FAKE_FDS; fd++) {
		if (fake.fds[fd].kind == FAKE_CLOSED) {
			fake.fds[fd] = (struct fake_fd){ .kind = kind,
							 .cloexec = cloexec };
			return fd;
		}
	}
	return -EMFILE;
}

struct fake_fd *fake_get_fd(int fd, enum fake_kind kind)
{
	if (fd < 0 || fd >= FAKE_FDS || fake.fds[fd].kind == FAKE_CLOSED ||
	    (kind != FAKE_CLOSED && fake.fds[fd].kind != kind)) {
		fail_msg("fd %d is not what the call is for", fd);
	}
	return &fake.fds[fd];
}

struct fake_file *fake_file(const char *path, uint64_t size)
{
	struct fake_file *file = &fake.files[fake.file_count++];

	assert_true(fake.file_count <= FAKE_FILES);
	file->path = path;
	file->size = size;
	/* Page-aligned, since it may be mapped. */
	assert_int_equal(posix_memalign((void **)&file->data, 4096, size + 1),
			 0);
	memset(file->data, 0, size + 1);
	file->mode = S_IFREG | 0600;
	return file;
}

static long open_file(const char *path, int flags)
{
	unsigned i;
	int fd;

	for (i = 0; i < fake.file_count; i++) {
		struct fake_file *file = &fake.files[i];

		if (strcmp(file->path, path) != 0) {
			continue;
		}
		if (file->open_error != 0) {
			return file->open_error;
		}
		if (file->read_only && (flags & O_ACCMODE) != O_RDONLY) {
			return -EROFS;
		}
		if (file->of_others && (flags & O_NOATIME) != 0) {
			return -EPERM;
		}
		file->opens++;
		fd = fake_new_fd(FAKE_FILE, 1);
		if (fd >= 0) {
			fake.fds[fd].file = i;
			fake.fds[fd].direct = (flags & O_DIRECT) != 0;
		}
		return fd;
	}
	return -ENOENT;
}

long sys_open(const char *path, int flags)
{
	static const struct {
		const char *path;
		enum fake_kind kind;
	} nodes[] = {
		{ "/dev/kvm", FAKE_KVM },
		{ "/proc/self/fd/0", FAKE_TTY_IN },
		{ "/proc/self/fd/1", FAKE_TTY_OUT },
		{ "/dev/ttyAMA0", FAKE_TTY_OUT },
		{ "/dev/hvc0", FAKE_PORT },
		{ "/dev/pmsg0", FAKE_PMSG },
		{ "/dev/net/tun", FAKE_TAP },
		{ "/dev/vhost-net", FAKE_VHOST },
		{ "/dev/vhost-vsock", FAKE_VHOST },
	};
	long fd;
	size_t i;

	fd = fake_fault(__func__, 0);
	if (fd != 0) {
		snprintf(fake.failed_detail, sizeof(fake.failed_detail), "%s",
			 path);
		return fd;
	}
	if (fake.no_vhost && strncmp(path, "/dev/vhost", 10) == 0) {
		return -ENOENT;
	}
	if (strcmp(path, "/proc/self/pagemap") == 0) {
		return fake_huge_open_pagemap();
	}
	if (strcmp(path, "/dev/watchdog") == 0) {
		return fake_watchdog_open();
	}
	fd = open_file(path, flags);
	if (fd == -ENOENT && (flags & O_CREAT) != 0) {
		fake_file(strdup(path), 0);
		fd = open_file(path, flags);
	}
	if (fd != -ENOENT) {
		return fd;
	}
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		if (strcmp(path, nodes[i].path) == 0) {
			fd = fake_new_fd(nodes[i].kind, 1);
			if (fd >= 0) {
				fake.fds[fd].nonblock = (flags & O_NONBLOCK) !=
							0;
			}
			return fd;
		}
	}
	return fake_vfio_open(path);
}

long sys_close(int fd)
{
	enum fake_kind kind;

	FAULT(fd);
	kind = fake_get_fd(fd, FAKE_CLOSED)->kind;
	if (kind == FAKE_EVENTFD) {
		assert_false(fake_is_bound(fd));
		fake_vfio_shut(fd);
	}
	fake.fds[fd].kind = FAKE_CLOSED;
	if (kind == FAKE_HUGETLB) {
		fake_huge_close(fake.fds[fd].file);
	} else if (kind == FAKE_PINS) {
		fake_huge_unpin(fd);
	} else if (kind == FAKE_WATCHDOG) {
		fake_watchdog_close();
	}
	return 0;
}

static long read_tty(uint8_t *buf, size_t len)
{
	unsigned n = fake.tty_in_tail - fake.tty_in_head;

	if (n == 0) {
		return fake.tty_in_eof ? 0 : -EAGAIN;
	}
	n = n < len ? n : (unsigned)len;
	memcpy(buf, fake.tty_in + fake.tty_in_head, n);
	fake.tty_in_head += n;
	return n;
}

static long read_port(uint8_t *buf, size_t len)
{
	unsigned n = fake.port.in_tail - fake.port.in_head;

	fake.port.reads++;
	if (n == 0) {
		return fake.port.eof ? 0 : -EAGAIN;
	}
	n = n < len ? n : (unsigned)len;
	memcpy(buf, fake.port.in + fake.port.in_head, n);
	fake.port.in_head += n;
	return n;
}

static long read_signal(void *buf, size_t len)
{
	struct signalfd_siginfo info = {
		.ssi_signo = (uint32_t)fake.signalled,
		.ssi_code = fake.signal_code,
	};

	assert_int_equal(len, sizeof(info));
	assert_int_not_equal(fake.signalled, 0);
	fake.signalled = 0;
	memcpy(buf, &info, sizeof(info));
	return sizeof(info);
}

long sys_read(int fd, void *buf, size_t len)
{
	FAULT(fd);
	if (fake_get_fd(fd, FAKE_CLOSED)->kind == FAKE_SIGNALFD) {
		return read_signal(buf, len);
	}
	if (fake.fds[fd].kind == FAKE_EVENTFD) {
		return fake_read_eventfd(&fake.fds[fd], buf, len);
	}
	if (fake.fds[fd].kind == FAKE_PORT) {
		return read_port(buf, len);
	}
	if (fake.fds[fd].kind == FAKE_SYSFS) {
		return fake_sysfs_read(&fake.fds[fd], buf, len);
	}
	if (fake.fds[fd].kind == FAKE_FILE) {
		return fake_read_pipe(&fake.files[fake.fds[fd].file], buf, len);
	}
	fake_get_fd(fd, FAKE_TTY_IN);
	return read_tty(buf, len);
}

static long write_tty(const uint8_t *buf, size_t len)
{
	unsigned n = fake.tty_room < len ? fake.tty_room : (unsigned)len;

	if (fake.tty_out_error != 0) {
		return fake.tty_out_error;
	}
	if (n == 0) {
		return -EAGAIN;
	}
	assert_true(fake.tty_out_count + n <= FAKE_TTY);
	memcpy(fake.tty_out + fake.tty_out_count, buf, n);
	fake.tty_out_count += n;
	fake.tty_room -= n;
	return n;
}

static long write_port(const uint8_t *buf, size_t len)
{
	unsigned n = fake.port.room < len ? fake.port.room : (unsigned)len;

	fake.port.writes++;
	if (fake.port.out_error != 0) {
		return fake.port.out_error;
	}
	if (fake.port.out_max != 0 && n > fake.port.out_max) {
		n = fake.port.out_max;
	}
	if (n == 0) {
		return -EAGAIN;
	}
	assert_true(fake.port.out_count + n <= FAKE_PORT_BYTES);
	memcpy(fake.port.out + fake.port.out_count, buf, n);
	fake.port.out_count += n;
	fake.port.room -= n;
	return n;
}

static long write_log(const char *buf, size_t len)
{
	size_t i;

	assert_true(fake.log_bytes + len < FAKE_LOG);
	memcpy(fake.log + fake.log_bytes, buf, len);
	fake.log_bytes += (unsigned)len;
	for (i = 0; i < len; i++) {
		fake.log_lines += buf[i] == '\n';
	}
	return (long)len;
}

static long write_ring(const char *buf, size_t len)
{
	assert_true(fake.ring_bytes + len < FAKE_LOG);
	memcpy(fake.ring + fake.ring_bytes, buf, len);
	fake.ring_bytes += (unsigned)len;
	fake.ring_writes++;
	return (long)len;
}

long sys_write(int fd, const void *buf, size_t len)
{
	if (fd == 2) { /* not counted: a fault would hide the message */
		return write_log(buf, len);
	}
	FAULT(fd);
	if (fake_get_fd(fd, FAKE_CLOSED)->kind == FAKE_PORT) {
		return write_port(buf, len);
	}
	if (fake.fds[fd].kind == FAKE_PMSG) {
		return write_ring(buf, len);
	}
	if (fake.fds[fd].kind == FAKE_SYSFS) {
		return fake_sysfs_write(&fake.fds[fd], buf, len);
	}
	if (fake.fds[fd].kind == FAKE_EVENTFD) {
		return fake_write_eventfd(fd, buf, len);
	}
	if (fake.fds[fd].kind == FAKE_FILE) {
		return fake_write_pipe(&fake.files[fake.fds[fd].file], len);
	}
	if (fake.fds[fd].kind == FAKE_WATCHDOG) {
		return fake_watchdog_write(buf, len);
	}
	fake_get_fd(fd, FAKE_TTY_OUT);
	return write_tty(buf, len);
}

/* -- Files --------------------------------------------------------------- */

long fake_file_io(struct fake_file *file, const struct sys_iovec *iov, int n,
		  uint64_t offset, int write)
{
	uint64_t left = file->io_max ? file->io_max : UINT64_MAX;
	uint64_t done = 0;
	int i;

	*(write ? &file->writes : &file->reads) += 1;
	if (file->io_error != 0) {
		return file->io_error;
	}
	for (i = 0; i < n && left > 0 && offset < file->size; i++) {
		uint64_t len = iov[i].len;

		len = len < left ? len : left;
		len = len < file->size - offset ? len : file->size - offset;
		if (write) {
			memcpy(file->data + offset, iov[i].base, len);
		} else {
			memcpy(iov[i].base, file->data + offset, len);
		}
		offset += len;
		left -= len;
		done += len;
	}
	return (long)done;
}

static struct fake_file *file_of(int fd)
{
	return &fake.files[fake_get_fd(fd, FAKE_FILE)->file];
}

static int is_card(int fd)
{
	enum fake_kind kind = fake_get_fd(fd, FAKE_CLOSED)->kind;

	return kind == FAKE_VFIO_DEVICE || kind == FAKE_VFIO_CDEV;
}

long sys_preadv(int fd, const struct sys_iovec *iov, int n, uint64_t offset)
{
	FAULT(fd);
	if (is_card(fd)) {
		return fake_vfio_io(&fake.fds[fd], iov, n, offset, 0);
	}
	if (fake.fds[fd].kind == FAKE_PAGEMAP) {
		assert_int_equal(n, 1);
		return fake_huge_read_pagemap(iov, offset);
	}
	return fake_file_io(file_of(fd), iov, n, offset, 0);
}

long sys_pwritev(int fd, const struct sys_iovec *iov, int n, uint64_t offset)
{
	FAULT(fd);
	if (is_card(fd)) {
		return fake_vfio_io(&fake.fds[fd], iov, n, offset, 1);
	}
	return fake_file_io(file_of(fd), iov, n, offset, 1);
}

long sys_file_info(int fd, struct sys_file_info *info)
{
	enum fake_kind kind = fake_get_fd(fd, FAKE_CLOSED)->kind;

	FAULT(fd);
	if (kind == FAKE_TTY_IN || kind == FAKE_TTY_OUT) {
		info->size = 0;
		info->mode = fake.stdio_mode;
		return 0;
	}
	if (kind == FAKE_PORT) {
		info->size = 0;
		info->mode = fake.port.mode;
		return 0;
	}
	info->size = S_ISREG(file_of(fd)->mode) ? file_of(fd)->size : 0;
	info->mode = file_of(fd)->mode;
	info->direct_memory_align = file_of(fd)->direct_align;
	info->direct_offset_align = file_of(fd)->direct_align;
	return 0;
}

long sys_fs_type(int fd)
{
	FAULT(fd);
	return file_of(fd)->fs_type;
}

long sys_fallocate(int fd, int mode, uint64_t offset, uint64_t len)
{
	struct fake_file *file;

	FAULT(mode);
	if (fake_get_fd(fd, FAKE_CLOSED)->kind == FAKE_HUGETLB) {
		return fake_huge_punch(&fake.fds[fd], mode, offset, len);
	}
	file = file_of(fd);
	assert_true(offset + len <= file->size);
	file->fallocate_mode = mode;
	file->fallocates++;
	return 0;
}

/* -- Terminal ------------------------------------------------------------ */

static long tty_ioctl(unsigned long request, void *arg, int absent,
		      unsigned *sets, int *raw)
{
	struct termios *t = arg;

	if (absent) {
		return -ENOTTY;
	}
	if (request == TCGETS) {
		memset(t, 0, sizeof(*t));
		t->c_lflag = ICANON | ECHO | ISIG;
		t->c_oflag = OPOST;
		t->c_iflag = ICRNL | IXON;
		return 0;
	}
	assert_int_equal(request, TCSETS);
	*sets += 1;
	*raw = (t->c_lflag & (ICANON | ECHO | ISIG)) == 0;
	return 0;
}

void fake_tty_type(const void *bytes, unsigned n)
{
	assert_true(fake.tty_in_tail + n <= FAKE_TTY);
	memcpy(fake.tty_in + fake.tty_in_tail, bytes, n);
	fake.tty_in_tail += n;
	fake_progress();
}

void fake_tty_take(unsigned n)
{
	fake.tty_room += n;
	fake_progress();
}

static long disk_ioctl(const struct fake_file *file, unsigned long request,
		       void *arg)
{
	switch (request) {
	case BLKGETSIZE64:
		*(uint64_t *)arg = file->size;
		return 0;
	case BLKSSZGET:
		*(uint32_t *)arg = 512;
		return 0;
	case BLKPBSZGET:
		*(uint32_t *)arg = file->physical_size;
		return 0;
	default:
		fail_msg("unexpected ioctl 0x%lx of a disk", request);
		return -ENOTTY;
	}
}

void fake_port_type(const void *bytes, unsigned n)
{
	assert_true(fake.port.in_tail + n <= FAKE_PORT_BYTES);
	memcpy(fake.port.in + fake.port.in_tail, bytes, n);
	fake.port.in_tail += n;
	fake_progress();
}

void fake_port_take(unsigned n)
{
	fake.port.room += n;
	fake_progress();
}

long sys_ioctl(int fd, unsigned long request, void *arg)
{
	struct fake_fd *f;

	FAULT(request);
	f = fake_get_fd(fd, FAKE_CLOSED);
	if (f->kind == FAKE_TTY_IN || f->kind == FAKE_TTY_OUT) {
		return tty_ioctl(request, arg, fake.no_terminal, &fake.tty_sets,
				 &fake.tty_raw);
	}
	if (f->kind == FAKE_PORT) {
		return tty_ioctl(request, arg, fake.port.no_terminal,
				 &fake.port.sets, &fake.port.raw);
	}
	if (f->kind == FAKE_FILE) {
		return disk_ioctl(&fake.files[f->file], request, arg);
	}
	if (f->kind == FAKE_TAP || f->kind == FAKE_SOCKET ||
	    f->kind == FAKE_VHOST) {
		return fake_net_ioctl(f, request, arg);
	}
	if (f->kind == FAKE_WATCHDOG) {
		return fake_watchdog_ioctl(request, arg);
	}
	if (f->kind >= FAKE_VFIO_CONTAINER) {
		return fake_vfio_ioctl(fd, request, arg);
	}
	return fake_kvm_ioctl(f, request, arg);
}

/* -- Memory -------------------------------------------------------------- */

void *sys_mmap(void *addr, size_t len, int prot, int flags, int fd,
	       uint64_t offset)
{
	long fault = fake_fault(__func__, (unsigned long)flags);

	if (fault != 0) {
		return (void *)fault;
	}
	if ((flags & MAP_HUGETLB) != 0) {
		fake.huge_maps++;
		if (fake.huge_error != 0) {
			return (void *)fake.huge_error;
		}
	}
	if (fd < 0) {
		return unit_mmap(addr, len, prot, flags);
	}
	if (fake_get_fd(fd, FAKE_CLOSED)->kind == FAKE_VCPU) {
		fake.run = calloc(1, len);
		return fake.run;
	}
	if (fake_get_fd(fd, FAKE_CLOSED)->kind == FAKE_FILE) {
		return file_of(fd)->data;
	}
	if (fake.fds[fd].kind == FAKE_HUGETLB) {
		return fake_huge_mmap(&fake.fds[fd], addr, len, prot, flags,
				      offset);
	}
	if (is_card(fd)) {
		return fake_vfio_mmap(&fake.fds[fd], len, prot, flags, offset);
	}
	fake_get_fd(fd, FAKE_RING);
	return fake_ring_mmap(offset, len);
}

long sys_munmap(void *addr, size_t len)
{
	FAULT(0);
	(void)fake_huge_munmap(addr, len);
	return 0;
}

/* A file without a path that could be opened. */
long sys_memfd_create(const char *name, unsigned flags)
{
	long fd;

	FAULT(flags);
	if ((flags & MFD_HUGETLB) != 0) {
		return fake_huge_create(flags);
	}
	fake_file(name, 0);
	fd = fake_new_fd(FAKE_FILE, (flags & MFD_CLOEXEC) != 0);
	if (fd >= 0) {
		fake.fds[fd].file = fake.file_count - 1;
	}
	return fd;
}

long sys_madvise(void *addr, size_t len, int advice)
{
	FAULT(advice);
	if (advice == MADV_POPULATE_WRITE) {
		long ret = fake_huge_populate(addr, len);

		fake.populated += ret == 1;
		return ret == 1 ? 0 : ret;
	}
	return 0;
}

long sys_is_mapped(const void *addr)
{
	(void)addr;
	FAULT(0);
	return fake.no_payload ? -ENOMEM : 0;
}

long sys_mlock(void *addr, size_t len)
{
	(void)addr;
	(void)len;
	FAULT(0);
	fake.locked++;
	return 0;
}

long sys_mlockall(int flags)
{
	FAULT(flags);
	fake.locked_all++;
	fake.locked_flags = flags;
	return 0;
}

/* -- Descriptors of the kernel's own ------------------------------------- */

long sys_eventfd(unsigned initial, int flags)
{
	int fd;

	FAULT(flags);
	assert_int_equal(initial, 0);
	fd = fake_new_fd(FAKE_EVENTFD, (flags & EFD_CLOEXEC) != 0);
	if (fd >= 0) {
		fake.fds[fd].nonblock = (flags & EFD_NONBLOCK) != 0;
	}
	return fd;
}

long sys_signalfd(uint64_t mask, int flags)
{
	FAULT(mask);
	return fake_new_fd(FAKE_SIGNALFD, (flags & O_CLOEXEC) != 0);
}

long sys_getrandom(void *buf, size_t len, unsigned flags)
{
	size_t i;

	(void)flags;
	FAULT(len);
	fake.random_calls++;
	if (fake.entropy_max != 0 && len > fake.entropy_max) {
		len = fake.entropy_max;
	}
	if (len > fake.entropy) {
		len = fake.entropy;
	}
	if (len == 0) {
		return -EAGAIN;
	}
	fake.entropy -= (unsigned)len;
	for (i = 0; i < len; i++) {
		((uint8_t *)buf)[i] = (uint8_t)(0xa5 ^ i);
	}
	return (long)len;
}

long sys_clock_gettime(int clock, struct sys_timespec *ts)
{
	FAULT(clock);
	assert_in_range(clock, 0, 1);
	if (fake.clock_error != 0) {
		return fake.clock_error;
	}
	*ts = fake.clock[clock];
	return 0;
}

void fake_set_time(int64_t realtime)
{
	fake.clock[SYS_CLOCK_REALTIME].sec = realtime;
	fake_progress();
}

/* -- Processes ----------------------------------------------------------- */

static void come_back(int code)
{
	if (!fake.exit_armed) {
		fake.log[fake.log_bytes] = '\0';
		fail_msg("unexpected end %d; log:\n%s", code, fake.log);
	}
	fake.exit_code = code;
	longjmp(fake.exit, 1);
}

void sys_exit(int code)
{
	come_back(code);
	abort();
}

long sys_sigmask(int how, uint64_t mask)
{
	FAULT(mask);
	assert_int_equal(how, 0); /* SIG_BLOCK */
	fake.blocked |= mask;
	return 0;
}

long sys_signal(int sig, void (*handler)(int, void *, void *))
{
	(void)handler;
	FAULT(sig);
	return 0;
}

long sys_getpid(void)
{
	FAULT(0);
	return fake.pid;
}

long sys_getppid(void)
{
	FAULT(0);
	return 1;
}

long sys_fork(void)
{
	FAULT(0);
	fake.forks++;
	return fake.fork ? fake.fork() : -ENOSYS;
}

long sys_wait(int pid, int *status, int options)
{
	assert_int_equal(options, WNOHANG);
	FAULT(pid);
	if (!fake.child_signal) {
		return 0;
	}
	fake.child_signal = 0;
	return fake.wait ? fake.wait(status) : -ECHILD;
}

long sys_kill(int pid, int sig)
{
	FAULT(sig);
	assert_true(pid > 0); /* not a group, nor all */
	fake.kills++;
	fake.killed = pid;
	fake.kill_signal = sig;
	return fake.kill ? fake.kill(pid, sig) : 0;
}

#define CHILD_SIGNAL 17 /* SIGCHLD; its header is the host's */

/* Somebody's death ends a wait, but one that has a limit: that passes. */
long sys_await_signal(uint64_t mask, const struct sys_timespec *timeout)
{
	FAULT(mask);
	if (fake.await) {
		return fake.await(mask, timeout);
	}
	if (timeout) {
		return sys_nanosleep(timeout);
	}
	fake.child_signal = 1;
	return CHILD_SIGNAL;
}

long sys_execve(const char *path, char *const *argv, char *const *envp)
{
	FAULT(0);
	assert_string_equal(path, "/proc/self/exe");
	assert_non_null(argv[0]);
	assert_null(envp[0]);
	if (fake.exec_error != 0) {
		return fake.exec_error;
	}
	fake.execs++;
	come_back(FAKE_EXECED);
	return 0;
}

long sys_prctl(int op, unsigned long arg)
{
	(void)arg;
	FAULT(op);
	return 0;
}

long sys_setsid(void)
{
	FAULT(0);
	return 0;
}

long sys_dup3(int from, int to, int flags)
{
	(void)flags;
	FAULT(to);
	assert_in_range(to, 0, FAKE_FDS - 1);
	fake.dups[fake.dup_count++ % sizeof(fake.dups)] = (char)to;
	(void)fake_get_fd(from, FAKE_CLOSED);
	return to;
}

long sys_mount(const char *source, const char *target, const char *type)
{
	(void)source;
	(void)target;
	(void)type;
	FAULT(0);
	fake.mounts++;
	return 0;
}

long sys_unlink(const char *path)
{
	unsigned i;

	FAULT(0);
	for (i = 0; i < fake.file_count; i++) {
		if (strcmp(fake.files[i].path, path) == 0) {
			fake.files[i].path = "";
			fake.unlinks++;
			return 0;
		}
	}
	return -ENOENT;
}

long sys_mkdir(const char *path, unsigned mode)
{
	(void)path;
	FAULT(mode);
	return -EEXIST;
}

void fake_pass(const struct sys_timespec *ts)
{
	struct sys_timespec *now = &fake.clock[SYS_CLOCK_MONOTONIC];

	now->nsec += ts->nsec;
	now->sec += ts->sec + now->nsec / 1000000000;
	now->nsec %= 1000000000;
	if (fake_watchdog_bites()) {
		come_back(FAKE_BITTEN);
	}
	if (fake.passed) {
		fake.passed();
	}
}

long sys_nanosleep(const struct sys_timespec *ts)
{
	uint64_t ms = (uint64_t)ts->sec * 1000 + (uint64_t)ts->nsec / 1000000;

	FAULT(ms);
	if (fake.reboots > 0) {
		come_back(FAKE_ASLEEP);
	}
	if (fake.sleeps < sizeof(fake.slept_ms) / sizeof(fake.slept_ms[0])) {
		fake.slept_ms[fake.sleeps] = ms;
	}
	fake.sleeps++;
	fake_pass(ts);
	return 0;
}

long sys_sync(void)
{
	FAULT(0);
	fake.syncs++;
	return 0;
}

long sys_reboot(unsigned command)
{
	fake.reboots++;
	FAULT(command);
	fake.reboot_command = command;
	if (fake.reboot_result == 0) {
		come_back(FAKE_REBOOTED);
	}
	return fake.reboot_result;
}

long sys_set_affinity(unsigned cpu)
{
	FAULT(cpu);
	fake.affinity = cpu;
	return 0;
}

long sys_get_affinity(uint64_t *mask, size_t bytes)
{
	FAULT(bytes);
	memset(mask, 0, bytes);
	memcpy(mask, fake.cpus, sizeof(fake.cpus));
	return (long)sizeof(fake.cpus);
}

long sys_set_fifo(int priority)
{
	FAULT(priority);
	fake.fifo = priority;
	return 0;
}

long sys_set_urgent(int urgent)
{
	FAULT(urgent);
	fake.urgent = urgent;
	fake.urgent_calls++;
	return 0;
}

/*
 * Register pages: a guest that maps them as device memory sees what was
 * written back to memory, not what lies in our cache.
 */
void sys_clean_cache(const volatile void *p, size_t len)
{
	uintptr_t at = (uintptr_t)p & ~(uintptr_t)15;
	uintptr_t end = ((uintptr_t)p + len + 15) & ~(uintptr_t)15;

	for (; at < end; at += 16) {
		fake_clean_line((const void *)at);
	}
}

long sys_total_memory(void)
{
	FAULT(0);
	return fake.total_memory;
}
