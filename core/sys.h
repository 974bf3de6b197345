/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw Linux system calls. Each returns what the kernel returns: a value
 * >= 0, or -errno. There is no errno variable. Implemented for the freestanding
 * binary in boot/sys.c, and by the fakes of the hosted unit tests.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* Clocks of sys_clock_gettime(); libc headers number them differently. */
#define SYS_CLOCK_REALTIME 0
#define SYS_CLOCK_MONOTONIC 1

struct sys_iovec {
	void *base;
	size_t len;
};

struct sys_timespec {
	int64_t sec;
	int64_t nsec;
};

/* What fstat() tells us of a file; sizes in bytes. */
struct sys_file_info {
	uint64_t size;
	uint32_t mode;
	/* What O_DIRECT asks for, powers of two; 0: there is no O_DIRECT. */
	uint32_t direct_memory_align;
	uint32_t direct_offset_align;
};

MUST_CHECK long sys_open(const char *path, int flags);
long sys_close(int fd);
MUST_CHECK long sys_read(int fd, void *buf, size_t len);
long sys_write(int fd, const void *buf, size_t len);
MUST_CHECK long sys_preadv(int fd, const struct sys_iovec *iov, int n,
			   uint64_t offset);
MUST_CHECK long sys_pwritev(int fd, const struct sys_iovec *iov, int n,
			    uint64_t offset);
MUST_CHECK long sys_readv(int fd, const struct sys_iovec *iov, int n);
MUST_CHECK long sys_writev(int fd, const struct sys_iovec *iov, int n);
MUST_CHECK long sys_ftruncate(int fd, uint64_t size);
long sys_fallocate(int fd, int mode, uint64_t offset, uint64_t len);
MUST_CHECK long sys_memfd_create(const char *name, unsigned flags);
/* mode: type and permissions, as in stat(). */
MUST_CHECK long sys_mknod(const char *path, unsigned mode);
/* Where a symbolic link points; how many bytes, not terminated. */
MUST_CHECK long sys_readlink(const char *path, char *buf, size_t len);
MUST_CHECK long sys_socket(int domain, int type, int protocol);
MUST_CHECK long sys_ioctl(int fd, unsigned long request, void *arg);
MUST_CHECK long sys_file_info(int fd, struct sys_file_info *info);
/* The f_type of the file system that holds fd, or -errno. */
MUST_CHECK long sys_fs_type(int fd);
/* Bytes of memory that the host has, or -errno. */
MUST_CHECK long sys_total_memory(void);
/* The host address of the mapping, or -errno in the last page. */
MUST_CHECK void *sys_mmap(void *addr, size_t len, int prot, int flags, int fd,
			  uint64_t offset);
long sys_munmap(void *addr, size_t len);
long sys_madvise(void *addr, size_t len, int advice);
/* -ENOMEM if the page at addr is not mapped, 0 if it is. */
MUST_CHECK long sys_is_mapped(const void *addr);
MUST_CHECK long sys_mlock(void *addr, size_t len);
MUST_CHECK long sys_mlockall(int flags);
MUST_CHECK long sys_eventfd(unsigned initial, int flags);
MUST_CHECK long sys_signalfd(uint64_t mask, int flags);
MUST_CHECK long sys_getrandom(void *buf, size_t len, unsigned flags);
MUST_CHECK long sys_clock_gettime(int clock, struct sys_timespec *ts);
MUST_CHECK long sys_io_uring_setup(unsigned entries, void *params);
MUST_CHECK long sys_io_uring_enter(int fd, unsigned submit, unsigned wait,
				   unsigned flags);
MUST_CHECK long sys_io_uring_register(int fd, unsigned op, void *arg,
				      unsigned n);
MUST_CHECK long sys_sigmask(int how, uint64_t mask);
/* handler is called on the interrupted stack; NULL restores the default. */
MUST_CHECK long sys_signal(int sig, void (*handler)(int, void *, void *));
MUST_CHECK long sys_getpid(void);
MUST_CHECK long sys_getppid(void);
MUST_CHECK long sys_fork(void);
MUST_CHECK long sys_wait(int pid, int *status, int options);
long sys_kill(int pid, int sig);
/* For those who need stdio.h: newlib's and <linux/signal.h> do not mix. */
#define SYS_SIGUSR2 12
MUST_CHECK long sys_execve(const char *path, char *const *argv,
			   char *const *envp);
MUST_CHECK long sys_prctl(int op, unsigned long arg);
/*
 * Waits for one of the signals of mask, which are blocked; its number, or
 * -EAGAIN at the timeout (NULL: none).
 */
MUST_CHECK long sys_await_signal(uint64_t mask,
				 const struct sys_timespec *timeout);
MUST_CHECK long sys_setsid(void);
MUST_CHECK long sys_dup3(int from, int to, int flags);
MUST_CHECK long sys_mount(const char *source, const char *target,
			  const char *type);
long sys_unlink(const char *path);
long sys_mkdir(const char *path, unsigned mode);
long sys_nanosleep(const struct sys_timespec *ts);
long sys_sync(void);
MUST_CHECK long sys_reboot(unsigned command);
/* Pins the caller to one host cpu. */
MUST_CHECK long sys_set_affinity(unsigned cpu);
/* The host cpus that the caller may run on, a bit each; bytes written. */
MUST_CHECK long sys_get_affinity(uint64_t *mask, size_t bytes);
/* SCHED_FIFO with that priority. */
MUST_CHECK long sys_set_fifo(int priority);
/* SCHED_FIFO, but for children and new threads; or the normal class again. */
long sys_set_urgent(int urgent);
__attribute__((noreturn)) void sys_exit(int code);

/*
 * Writes the cache lines of [p, p + len) back to memory, where a guest that
 * maps it as device memory reads it (hosts without stage-2 forced write-back).
 */
void sys_clean_cache(const volatile void *p, size_t len);

static inline int sys_is_err(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)-4095;
}
