/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hits the window between the event loop's last look at the ring and KVM_RUN,
 * WINDOW_HITS times: linked over a whole VMM with --wrap=sys_ioctl, it posts a
 * completion right before each real KVM_RUN. The guest sleeps with nothing to
 * wake it, so one lost wake-up is a VMM that hangs. Every hundredth time the
 * completion comes from a kernel worker instead, at whatever moment.
 */
#include <linux/fcntl.h>
#include <linux/kvm.h>
#include <linux/poll.h>
#include <stdint.h>

#include "core/log.h"
#include "core/loop.h"
#include "core/sys.h"
#include "core/vcpu.h"

long __real_sys_ioctl(int fd, unsigned long request, void *arg);
long __wrap_sys_ioctl(int fd, unsigned long request, void *arg);
long __real_sys_io_uring_register(int fd, unsigned op, void *arg, unsigned n);
long __wrap_sys_io_uring_register(int fd, unsigned op, void *arg, unsigned n);

static struct loop_request window;
static struct loop_request worker;
static int event_fd = -1;
static int file_fd;
static unsigned hits;
static unsigned completions;
static unsigned interrupted;

static void in_window(struct loop_request *request, int result)
{
	uint64_t count;

	BUG_ON(result < 0 || sys_read(event_fd, &count, sizeof(count)) < 0);
	completions++;
	loop_poll(request, event_fd, POLLIN);
}

static void by_worker(struct loop_request *request, int result)
{
	(void)request;
	BUG_ON(result < 0);
	completions++;
}

static void set_up(void)
{
	event_fd = (int)sys_eventfd(0, O_NONBLOCK);
	file_fd = (int)sys_open("/tmp", O_RDONLY);
	BUG_ON(event_fd < 0 || file_fd < 0);
	window.done = in_window;
	worker.done = by_worker;
	loop_poll(&window, event_fd, POLLIN);
	loop_submit();
}

static void hit(void)
{
	const uint64_t one = 1;

	if (hits++ % 100 == 99) {
		loop_fdatasync(&worker, file_fd);
		loop_submit();
	} else {
		BUG_ON(sys_write(event_fd, &one, sizeof(one)) < 0);
	}
}

long __wrap_sys_ioctl(int fd, unsigned long request, void *arg)
{
	long ret;

	if (request != KVM_RUN) {
		return __real_sys_ioctl(fd, request, arg);
	}
	if (event_fd < 0) {
		set_up();
	}
	hit();
	ret = __real_sys_ioctl(fd, request, arg);
	interrupted += ret < 0;
	if (hits >= WINDOW_HITS) {
		log_line("window: %u hits, %u completions, %u interrupted runs",
			 hits, completions, interrupted);
		vcpu_stop(EXIT_POWEROFF);
	}
	return ret;
}

/* The control: without the kick the first hit must hang the VMM. */
long __wrap_sys_io_uring_register(int fd, unsigned op, void *arg, unsigned n)
{
	return WINDOW_KICK ? __real_sys_io_uring_register(fd, op, arg, n) : 0;
}
