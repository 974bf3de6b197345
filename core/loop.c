/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop on io_uring.
 *
 * A completion runs as task work of this thread, which ends KVM_RUN. Two cases
 * would be missed: one that completes between our last look at the ring and
 * KVM_RUN, and one that a kernel worker completes without task work. Both are
 * closed by the "kick": the ring signals an eventfd for each completion, and
 * one request of the same ring reads that eventfd into kvm_run.immediate_exit.
 * The signal is switched off while we look at the ring ourselves.
 */
#include "core/loop.h"

#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/mman.h>
#include <stddef.h>

#include "core/config.h"
#include "core/log.h"

#define SQ_ENTRIES 64
#define CQ_ENTRIES 256
#define PROT_RW (PROT_READ | PROT_WRITE)

/*
 * The kick reads the eventfd's count, of which the first byte is stored: with
 * fewer than 256 completions between two reads it is never 0.
 */
_Static_assert(CONFIG_MAX_INFLIGHT + 8 < CQ_ENTRIES,
	       "completions could overflow the ring");

static struct {
	int fd;
	unsigned sq_tail;
	unsigned sq_submitted;
	unsigned cq_head;
	unsigned sq_mask;
	unsigned cq_mask;
	unsigned *sq_tail_shared;
	unsigned *cq_head_shared;
	const unsigned *cq_tail_shared;
	unsigned *cq_flags;
	struct io_uring_sqe *sqes;
	const struct io_uring_cqe *cqes;
} ring;

static struct {
	int fd;
	uint8_t *immediate_exit;
	uint8_t rest[7];
	struct sys_iovec iov[2];
	struct loop_request request;
} kick;

/* -- Submission ---------------------------------------------------------- */

static void enter(unsigned wait)
{
	unsigned flags = wait > 0 ? IORING_ENTER_GETEVENTS : 0;
	long ret;

	do {
		ret = sys_io_uring_enter(ring.fd,
					 ring.sq_tail - ring.sq_submitted, wait,
					 flags);
		if (ret > 0) {
			ring.sq_submitted += (unsigned)ret;
		}
	} while (ret == -EINTR || ret == -EAGAIN ||
		 (ret >= 0 && ring.sq_submitted != ring.sq_tail));
	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "io_uring_enter: error %ld; check the "
			  "host's memory",
			  ret);
	}
}

int loop_all_submitted(void)
{
	return ring.sq_submitted == ring.sq_tail;
}

void loop_submit(void)
{
	if (!loop_all_submitted()) {
		enter(0);
	}
}

static struct io_uring_sqe *prepare(struct loop_request *request,
				    unsigned opcode, int fd, const void *addr,
				    unsigned len, uint64_t offset)
{
	struct io_uring_sqe *sqe;

	if (ring.sq_tail - ring.sq_submitted == SQ_ENTRIES) {
		enter(0);
	}
	sqe = &ring.sqes[ring.sq_tail & ring.sq_mask];
	*sqe = (struct io_uring_sqe){
		.opcode = (uint8_t)opcode,
		.fd = fd,
		.off = offset,
		.addr = (uintptr_t)addr,
		.len = len,
		.user_data = (uintptr_t)request,
	};
	ring.sq_tail++;
	__atomic_store_n(ring.sq_tail_shared, ring.sq_tail, __ATOMIC_RELEASE);
	return sqe;
}

void loop_poll(struct loop_request *request, int fd, unsigned events)
{
	prepare(request, IORING_OP_POLL_ADD, fd, NULL, 0, 0)->poll32_events =
		events;
}

void loop_readv(struct loop_request *request, int fd,
		const struct sys_iovec *iov, unsigned n, uint64_t offset)
{
	prepare(request, IORING_OP_READV, fd, iov, n, offset);
}

void loop_writev(struct loop_request *request, int fd,
		 const struct sys_iovec *iov, unsigned n, uint64_t offset,
		 int durable)
{
	prepare(request, IORING_OP_WRITEV, fd, iov, n, offset)->rw_flags =
		durable ? RWF_DSYNC : 0;
}

void loop_fdatasync(struct loop_request *request, int fd)
{
	prepare(request, IORING_OP_FSYNC, fd, NULL, 0, 0)->fsync_flags =
		IORING_FSYNC_DATASYNC;
}

void loop_fallocate(struct loop_request *request, int fd, int mode,
		    uint64_t offset, uint64_t len)
{
	prepare(request, IORING_OP_FALLOCATE, fd, NULL, (unsigned)mode, offset)
		->addr = len;
}

void loop_alarm(struct loop_request *request, const struct sys_timespec *at)
{
	prepare(request, IORING_OP_TIMEOUT, -1, at, 1, 0)->timeout_flags =
		IORING_TIMEOUT_ABS | IORING_TIMEOUT_REALTIME;
}

static void ignore(struct loop_request *request, int result)
{
	(void)request;
	(void)result;
}

void loop_cancel(struct loop_request *request)
{
	static struct loop_request cancelled = { .done = ignore };

	prepare(&cancelled, IORING_OP_ASYNC_CANCEL, -1, request, 0, 0)->flags =
		IOSQE_CQE_SKIP_SUCCESS;
}

/* -- Completion ---------------------------------------------------------- */

static int completed(void)
{
	return __atomic_load_n(ring.cq_tail_shared, __ATOMIC_ACQUIRE) !=
	       ring.cq_head;
}

static void dispatch(void)
{
	const struct io_uring_cqe *cqe =
		&ring.cqes[ring.cq_head & ring.cq_mask];
	struct loop_request *request =
		(struct loop_request *)(uintptr_t)cqe->user_data;
	int result = cqe->res;

	ring.cq_head++;
	__atomic_store_n(ring.cq_head_shared, ring.cq_head, __ATOMIC_RELEASE);
	request->done(request, result);
}

void loop_wait(void)
{
	if (!completed()) {
		enter(1);
	}
	while (completed()) {
		dispatch();
	}
}

/* -- The kick ------------------------------------------------------------ */

static void kick_failed(struct loop_request *request, int result)
{
	(void)request;
	log_fatal(EXIT_HOST,
		  "io_uring: reading an eventfd failed (%d); use a "
		  "host kernel of 6.1 or later",
		  result);
}

static void kick_arm(void)
{
	prepare(&kick.request, IORING_OP_READV, kick.fd, kick.iov, 2,
		(uint64_t)-1)
		->flags = IOSQE_CQE_SKIP_SUCCESS;
}

static void kick_init(uint8_t *immediate_exit)
{
	long ret = sys_eventfd(0, EFD_CLOEXEC);

	if (ret >= 0) {
		kick.fd = (int)ret;
		ret = sys_io_uring_register(ring.fd, IORING_REGISTER_EVENTFD,
					    &kick.fd, 1);
	}
	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "io_uring: no eventfd (%ld); check the "
			  "process's limit of open files",
			  ret);
	}
	kick.immediate_exit = immediate_exit;
	kick.iov[0].base = immediate_exit;
	kick.iov[0].len = 1;
	kick.iov[1].base = kick.rest;
	kick.iov[1].len = sizeof(kick.rest);
	kick.request.done = kick_failed;
	*ring.cq_flags = IORING_CQ_EVENTFD_DISABLED;
	kick_arm();
}

void loop_before_run(void)
{
	for (;;) {
		while (completed()) {
			dispatch();
		}
		loop_submit();
		/* From here on the kick sees what completes; look again. */
		__atomic_store_n(ring.cq_flags, 0, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (!completed()) {
			return;
		}
		__atomic_store_n(ring.cq_flags, IORING_CQ_EVENTFD_DISABLED,
				 __ATOMIC_RELAXED);
	}
}

void loop_after_run(void)
{
	__atomic_store_n(ring.cq_flags, IORING_CQ_EVENTFD_DISABLED,
			 __ATOMIC_RELAXED);
	if (*kick.immediate_exit != 0) {
		*kick.immediate_exit = 0;
		kick_arm();
	}
}

/* -- Set-up -------------------------------------------------------------- */

static void *map(size_t len, uint64_t offset)
{
	void *at = sys_mmap(NULL, len, PROT_RW, MAP_SHARED | MAP_POPULATE,
			    ring.fd, offset);

	if (sys_is_err(at)) {
		log_fatal(EXIT_HOST,
			  "io_uring: the ring cannot be mapped "
			  "(%ld); check the host's memory",
			  (long)at);
	}
	return at;
}

void loop_init(uint8_t *immediate_exit)
{
	struct io_uring_params p = {
		.flags = IORING_SETUP_CQSIZE | IORING_SETUP_NO_SQARRAY,
		.cq_entries = CQ_ENTRIES,
	};
	long ret = sys_io_uring_setup(SQ_ENTRIES, &p);
	char *rings;

	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "io_uring_setup: error %ld; raise the "
			  "limit of open files, or use a host kernel of 6.6 or "
			  "later with CONFIG_IO_URING",
			  ret);
	}
	ring.fd = (int)ret;
	rings = map(p.cq_off.cqes + CQ_ENTRIES * sizeof(struct io_uring_cqe),
		    IORING_OFF_SQ_RING);
	ring.sqes = map(SQ_ENTRIES * sizeof(struct io_uring_sqe),
			IORING_OFF_SQES);
	ring.sq_mask = p.sq_entries - 1;
	ring.cq_mask = p.cq_entries - 1;
	ring.sq_tail_shared = (unsigned *)(rings + p.sq_off.tail);
	ring.cq_head_shared = (unsigned *)(rings + p.cq_off.head);
	ring.cq_tail_shared = (unsigned *)(rings + p.cq_off.tail);
	ring.cq_flags = (unsigned *)(rings + p.cq_off.flags);
	ring.cqes = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
	kick_init(immediate_exit);
}
