/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls of core/sys.h for arm64 Linux: number in x8, arguments in
 * x0-x5, result in x0 (arch/arm64, generic numbers of asm-generic/unistd.h).
 */
#include "core/sys.h"

#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>

#define SIGSET_BYTES 8
#define MIN_CACHE_LINE 16 /* the architecture's smallest */

static inline long call6(long nr, long a, long b, long c, long d, long e,
			 long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}

#define CALL0(nr) call6(nr, 0, 0, 0, 0, 0, 0)
#define CALL1(nr, a) call6(nr, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(nr, a, b) call6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(nr, a, b, c) call6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(nr, a, b, c, d) \
	call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(nr, a, b, c, d, e) \
	call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL6(nr, a, b, c, d, e, f)                                      \
	call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), \
	      (long)(f))

long sys_open(const char *path, int flags)
{
	return CALL4(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

long sys_close(int fd)
{
	return CALL1(__NR_close, fd);
}

long sys_read(int fd, void *buf, size_t len)
{
	return CALL3(__NR_read, fd, buf, len);
}

long sys_write(int fd, const void *buf, size_t len)
{
	return CALL3(__NR_write, fd, buf, len);
}

/* For one buffer, the kernel works some 200 instructions less this way. */
long sys_preadv(int fd, const struct sys_iovec *iov, int n, uint64_t offset)
{
	if (n == 1) {
		return CALL4(__NR_pread64, fd, iov->base, iov->len, offset);
	}
	return CALL4(__NR_preadv, fd, iov, n, offset);
}

long sys_pwritev(int fd, const struct sys_iovec *iov, int n, uint64_t offset)
{
	if (n == 1) {
		return CALL4(__NR_pwrite64, fd, iov->base, iov->len, offset);
	}
	return CALL4(__NR_pwritev, fd, iov, n, offset);
}

long sys_readv(int fd, const struct sys_iovec *iov, int n)
{
	return CALL3(__NR_readv, fd, iov, n);
}

long sys_writev(int fd, const struct sys_iovec *iov, int n)
{
	return CALL3(__NR_writev, fd, iov, n);
}

long sys_ftruncate(int fd, uint64_t size)
{
	return CALL2(__NR_ftruncate, fd, size);
}

long sys_fallocate(int fd, int mode, uint64_t offset, uint64_t len)
{
	return CALL4(__NR_fallocate, fd, mode, offset, len);
}

long sys_memfd_create(const char *name, unsigned flags)
{
	return CALL2(__NR_memfd_create, name, flags);
}

long sys_mknod(const char *path, unsigned mode)
{
	return CALL4(__NR_mknodat, AT_FDCWD, path, mode, 0);
}

long sys_readlink(const char *path, char *buf, size_t len)
{
	return CALL4(__NR_readlinkat, AT_FDCWD, path, buf, len);
}

long sys_socket(int domain, int type, int protocol)
{
	return CALL3(__NR_socket, domain, type, protocol);
}

long sys_ioctl(int fd, unsigned long request, void *arg)
{
	return CALL3(__NR_ioctl, fd, request, arg);
}

long sys_file_info(int fd, struct sys_file_info *info)
{
	struct statx st;
	long ret = CALL5(__NR_statx, fd, "", AT_EMPTY_PATH,
			 STATX_TYPE | STATX_MODE | STATX_SIZE | STATX_DIOALIGN,
			 &st);

	if (ret < 0) {
		return ret;
	}
	info->size = st.stx_size;
	info->mode = st.stx_mode;
	info->direct_memory_align = 0;
	info->direct_offset_align = 0;
	if ((st.stx_mask & STATX_DIOALIGN) != 0) {
		info->direct_memory_align = st.stx_dio_mem_align;
		info->direct_offset_align = st.stx_dio_offset_align;
	}
	return 0;
}

long sys_fs_type(int fd)
{
	uint64_t buf[15]; /* struct statfs of 120 bytes, f_type first */
	long ret = CALL2(__NR_fstatfs, fd, buf);

	return ret < 0 ? ret : (long)buf[0];
}

long sys_total_memory(void)
{
	struct sysinfo info;
	long ret = CALL1(__NR_sysinfo, &info);

	return ret < 0 ? ret : (long)(info.totalram * info.mem_unit);
}

void *sys_mmap(void *addr, size_t len, int prot, int flags, int fd,
	       uint64_t offset)
{
	return (void *)CALL6(__NR_mmap, addr, len, prot, flags, fd, offset);
}

long sys_munmap(void *addr, size_t len)
{
	return CALL2(__NR_munmap, addr, len);
}

long sys_madvise(void *addr, size_t len, int advice)
{
	return CALL3(__NR_madvise, addr, len, advice);
}

long sys_is_mapped(const void *addr)
{
	unsigned char resident;

	return CALL3(__NR_mincore, addr, 1, &resident);
}

long sys_mlock(void *addr, size_t len)
{
	return CALL2(__NR_mlock, addr, len);
}

long sys_mlockall(int flags)
{
	return CALL1(__NR_mlockall, flags);
}

long sys_eventfd(unsigned initial, int flags)
{
	return CALL2(__NR_eventfd2, initial, flags);
}

long sys_signalfd(uint64_t mask, int flags)
{
	return CALL4(__NR_signalfd4, -1, &mask, SIGSET_BYTES, flags);
}

long sys_getrandom(void *buf, size_t len, unsigned flags)
{
	return CALL3(__NR_getrandom, buf, len, flags);
}

long sys_clock_gettime(int clock, struct sys_timespec *ts)
{
	return CALL2(__NR_clock_gettime, clock, ts);
}

long sys_io_uring_setup(unsigned entries, void *params)
{
	return CALL2(__NR_io_uring_setup, entries, params);
}

long sys_io_uring_enter(int fd, unsigned submit, unsigned wait, unsigned flags)
{
	return CALL6(__NR_io_uring_enter, fd, submit, wait, flags, 0, 0);
}

long sys_io_uring_register(int fd, unsigned op, void *arg, unsigned n)
{
	return CALL4(__NR_io_uring_register, fd, op, arg, n);
}

long sys_sigmask(int how, uint64_t mask)
{
	return CALL4(__NR_rt_sigprocmask, how, &mask, 0, SIGSET_BYTES);
}

long sys_signal(int sig, void (*handler)(int, void *, void *))
{
	/* arm64 returns from handlers through the vDSO: no restorer. */
	struct {
		void (*handler)(int, void *, void *);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} act = { handler, SA_SIGINFO, NULL, 0 };

	return CALL4(__NR_rt_sigaction, sig, &act, 0, SIGSET_BYTES);
}

long sys_await_signal(uint64_t mask, const struct sys_timespec *timeout)
{
	return CALL4(__NR_rt_sigtimedwait, &mask, 0, timeout, SIGSET_BYTES);
}

long sys_getpid(void)
{
	return CALL0(__NR_getpid);
}

long sys_getppid(void)
{
	return CALL0(__NR_getppid);
}

long sys_fork(void)
{
	return CALL5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
}

long sys_wait(int pid, int *status, int options)
{
	return CALL4(__NR_wait4, pid, status, options, 0);
}

long sys_kill(int pid, int sig)
{
	return CALL2(__NR_kill, pid, sig);
}

long sys_execve(const char *path, char *const *argv, char *const *envp)
{
	return CALL3(__NR_execve, path, argv, envp);
}

long sys_prctl(int op, unsigned long arg)
{
	return CALL5(__NR_prctl, op, arg, 0, 0, 0);
}

long sys_setsid(void)
{
	return CALL0(__NR_setsid);
}

long sys_dup3(int from, int to, int flags)
{
	return CALL3(__NR_dup3, from, to, flags);
}

long sys_mount(const char *source, const char *target, const char *type)
{
	return CALL5(__NR_mount, source, target, type, 0, 0);
}

long sys_unlink(const char *path)
{
	return CALL3(__NR_unlinkat, AT_FDCWD, path, 0);
}

long sys_mkdir(const char *path, unsigned mode)
{
	return CALL3(__NR_mkdirat, AT_FDCWD, path, mode);
}

long sys_nanosleep(const struct sys_timespec *ts)
{
	return CALL2(__NR_nanosleep, ts, 0);
}

long sys_sync(void)
{
	return CALL0(__NR_sync);
}

long sys_reboot(unsigned command)
{
	return CALL4(__NR_reboot, 0xfee1dead, 0x28121969, command, 0);
}

long sys_set_affinity(unsigned cpu)
{
	uint64_t mask = 1ull << cpu;

	return CALL3(__NR_sched_setaffinity, 0, sizeof(mask), &mask);
}

long sys_get_affinity(uint64_t *mask, size_t bytes)
{
	return CALL3(__NR_sched_getaffinity, 0, bytes, mask);
}

long sys_set_fifo(int priority)
{
	return CALL3(__NR_sched_setscheduler, 0, SCHED_FIFO, &priority);
}

long sys_set_urgent(int urgent)
{
	const int policy = urgent ? SCHED_FIFO : SCHED_NORMAL;
	const int priority = urgent;

	return CALL3(__NR_sched_setscheduler, 0, policy | SCHED_RESET_ON_FORK,
		     &priority);
}

void sys_clean_cache(const volatile void *p, size_t len)
{
	uintptr_t at = (uintptr_t)p & ~(uintptr_t)(MIN_CACHE_LINE - 1);

	for (; at < (uintptr_t)p + len; at += MIN_CACHE_LINE) {
		__asm__ volatile("dc cvac, %0" : : "r"(at) : "memory");
	}
	__asm__ volatile("dsb sy" : : : "memory");
}

void sys_exit(int code)
{
	for (;;) {
		CALL1(__NR_exit_group, code);
	}
}
