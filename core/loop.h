/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: one io_uring for everything that the VMM waits for. While
 * the guest runs, the thread is inside KVM_RUN; a completion ends it.
 * docs/architecture.md ("No lost wake-up") says why none can be missed.
 */
#pragma once

#include <stdint.h>

#include "core/sys.h"

/*
 * One thing in flight. Owned by the caller, which keeps it in place until
 * done() was called; result is what the system call would have returned.
 */
struct loop_request {
	void (*done)(struct loop_request *request, int result);
};

/*
 * Makes the ring. *immediate_exit is the byte of kvm_run of that name. Ends
 * the process with EXIT_HOST if the kernel has no io_uring.
 */
void loop_init(uint8_t *immediate_exit);

/*
 * Start one operation. At most CONFIG_MAX_INFLIGHT of all callers' may be in
 * flight. The iovec array is read when the operation is submitted: it must
 * stay until loop_submit(), which the loop calls before the guest runs on.
 */
void loop_poll(struct loop_request *request, int fd, unsigned events);
void loop_readv(struct loop_request *request, int fd,
		const struct sys_iovec *iov, unsigned n, uint64_t offset);
/* durable: completes only when the data has reached stable storage. */
void loop_writev(struct loop_request *request, int fd,
		 const struct sys_iovec *iov, unsigned n, uint64_t offset,
		 int durable);
void loop_fdatasync(struct loop_request *request, int fd);
/* mode: FALLOC_FL_*, for len bytes from offset. */
void loop_fallocate(struct loop_request *request, int fd, int mode,
		    uint64_t offset, uint64_t len);
/* Completes with -ETIME when CLOCK_REALTIME reaches *at; at must stay. */
void loop_alarm(struct loop_request *request, const struct sys_timespec *at);
/* Asks for an early end of a request; its done() is called all the same. */
void loop_cancel(struct loop_request *request);

void loop_submit(void);
/* True if nothing started waits for loop_submit(). */
int loop_all_submitted(void);
/* Blocks until something completes and calls its done(). */
void loop_wait(void);

/*
 * Around KVM_RUN. loop_before_run() calls done() for all that completed; what
 * completes after it ends KVM_RUN with -EINTR.
 */
void loop_before_run(void);
void loop_after_run(void);
