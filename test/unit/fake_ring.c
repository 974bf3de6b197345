/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake Linux: io_uring. Requests are taken from the shared ring as the
 * kernel would, their iovecs copied at submission, and what cannot complete
 * yet stays pending until fake_progress() finds it ready.
 */
#include "test/unit/fake_huge.h"

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/poll.h>
#include <stdlib.h>
#include <string.h>

#define SQ_ENTRIES 64
#define CQ_ENTRIES 256
#define IOV_MAX_FAKE 160
/* Any places will do, as long as they are the ones that setup returns. */
#define SQ_HEAD 0
#define SQ_TAIL 64
#define CQ_HEAD 128
#define CQ_TAIL 192
#define CQ_FLAGS 260
#define CQ_OVERFLOW 264
#define CQES 320

struct pending {
	int used;
	uint8_t opcode;
	uint8_t flags;
	int fd;
	uint64_t user_data;
	uint64_t off;
	uint64_t len;
	uint32_t events;
	uint32_t rw_flags;
	const struct sys_timespec *at;
	unsigned n;
	unsigned order;
	struct sys_iovec iov[IOV_MAX_FAKE];
};

static struct {
	char *rings;
	struct io_uring_sqe *sqes;
	unsigned sq_head;
	unsigned cq_tail;
	int eventfd; /* registered, or -1 */
	uint64_t event_count;
	unsigned next_order;
	struct pending pending[FAKE_PENDING];
} ring;

static unsigned *word(unsigned offset)
{
	return (unsigned *)(ring.rings + offset);
}

void fake_ring_reset(void)
{
	memset(&ring, 0, sizeof(ring));
	ring.eventfd = -1;
}

long sys_io_uring_setup(unsigned entries, void *params)
{
	struct io_uring_params *p = params;
	long fault = fake_fault(__func__, entries);

	if (fault != 0) {
		return fault;
	}
	if (entries == 1) {
		return fake_huge_ring(p);
	}
	assert_int_equal(entries, SQ_ENTRIES);
	assert_int_equal(p->flags,
			 IORING_SETUP_CQSIZE | IORING_SETUP_NO_SQARRAY);
	assert_int_equal(p->cq_entries, CQ_ENTRIES);
	p->sq_entries = SQ_ENTRIES;
	p->features = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP |
		      IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_CQE_SKIP;
	p->sq_off.head = SQ_HEAD;
	p->sq_off.tail = SQ_TAIL;
	p->cq_off.head = CQ_HEAD;
	p->cq_off.tail = CQ_TAIL;
	p->cq_off.flags = CQ_FLAGS;
	p->cq_off.overflow = CQ_OVERFLOW;
	p->cq_off.cqes = CQES;
	return fake_new_fd(FAKE_RING, 1);
}

void *fake_ring_mmap(uint64_t offset, size_t len)
{
	if (offset == IORING_OFF_SQES) {
		assert_int_equal(len, SQ_ENTRIES * sizeof(struct io_uring_sqe));
		ring.sqes = calloc(1, len);
		return ring.sqes;
	}
	assert_int_equal(offset, IORING_OFF_SQ_RING);
	assert_int_equal(len, CQES + CQ_ENTRIES * sizeof(struct io_uring_cqe));
	ring.rings = calloc(1, len);
	return ring.rings;
}

long sys_io_uring_register(int fd, unsigned op, void *arg, unsigned n)
{
	long fault = fake_fault(__func__, op);

	if (fault != 0) {
		return fault;
	}
	if (op == IORING_REGISTER_BUFFERS) {
		return fake_huge_pin(fd, arg, n);
	}
	fake_get_fd(fd, FAKE_RING);
	assert_int_equal(op, IORING_REGISTER_EVENTFD);
	assert_int_equal(n, 1);
	ring.eventfd = *(int *)arg;
	fake_get_fd(ring.eventfd, FAKE_EVENTFD);
	return 0;
}

/* -- Completion ---------------------------------------------------------- */

static void post(uint64_t user_data, int result)
{
	unsigned head = __atomic_load_n(word(CQ_HEAD), __ATOMIC_ACQUIRE);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(ring.rings + CQES);
	struct io_uring_cqe *cqe = &cqes[ring.cq_tail % CQ_ENTRIES];

	if (ring.cq_tail - head >= CQ_ENTRIES) {
		fail_msg("the completion ring overflows");
	}
	cqe->user_data = user_data;
	cqe->res = result;
	cqe->flags = 0;
	__atomic_store_n(word(CQ_TAIL), ++ring.cq_tail, __ATOMIC_RELEASE);
	if (ring.eventfd >= 0 &&
	    (*word(CQ_FLAGS) & IORING_CQ_EVENTFD_DISABLED) == 0) {
		ring.event_count++;
	}
}

static void complete(struct pending *p, int result)
{
	p->used = 0;
	if (result < 0 || (p->flags & IOSQE_CQE_SKIP_SUCCESS) == 0) {
		post(p->user_data, result);
	}
}

/* Nonzero: what poll() would say. */
static uint32_t port_ready(uint32_t events)
{
	uint32_t is = 0;

	if (fake.port.in_head != fake.port.in_tail || fake.port.eof) {
		is |= POLLIN;
	}
	if (fake.port.room > 0 || fake.port.out_error != 0) {
		is |= POLLOUT;
	}
	return (is & events) | (fake.port.hung_up ? POLLHUP : 0);
}

static int poll_ready(const struct pending *p)
{
	switch (fake_get_fd(p->fd, FAKE_CLOSED)->kind) {
	case FAKE_TTY_IN:
		assert_int_equal(p->events, POLLIN);
		return fake.tty_in_head != fake.tty_in_tail || fake.tty_in_eof;
	case FAKE_TTY_OUT:
		assert_int_equal(p->events, POLLOUT);
		return fake.tty_room > 0 || fake.tty_out_error != 0;
	case FAKE_PORT:
		return port_ready(p->events) != 0;
	case FAKE_EVENTFD: /* of vhost */
		assert_int_equal(p->events, POLLIN);
		return fake.fds[p->fd].count != 0;
	case FAKE_FILE:
		assert_int_equal(p->events, POLLIN);
		return fake_pipe_ready(&fake.files[fake.fds[p->fd].file]);
	case FAKE_TAP:
		assert_int_equal(p->events, POLLIN);
		return fake.packet_bytes != 0 || fake.tap_gone;
	case FAKE_SIGNALFD:
		assert_int_equal(p->events, POLLIN);
		return fake.signalled != 0;
	default:
		fail_msg("poll of fd %d", p->fd);
		return 0;
	}
}

static long file_result(const struct pending *p)
{
	struct fake_file *file = &fake.files[fake.fds[p->fd].file];

	if (p->opcode == IORING_OP_FSYNC) {
		file->syncs++;
		return file->io_error;
	}
	if (p->opcode == IORING_OP_FALLOCATE) {
		file->fallocates++;
		file->fallocate_mode = (int)p->n;
		if (file->io_error == 0) {
			assert_true(p->off + p->len <= file->size);
			memset(file->data + p->off, 0, p->len);
		}
		return file->io_error;
	}
	file->direct_ios += fake.fds[p->fd].direct != 0;
	if (p->opcode == IORING_OP_WRITEV && (p->rw_flags & RWF_DSYNC) != 0) {
		file->durable++;
	}
	return fake_file_io(file, p->iov, (int)p->n, p->off,
			    p->opcode == IORING_OP_WRITEV);
}

static void read_eventfd(struct pending *p)
{
	uint64_t count = ring.event_count;

	if (fake.eventfd_error != 0) {
		complete(p, fake.eventfd_error);
		return;
	}
	ring.event_count = 0;
	assert_int_equal(p->n, 2);
	assert_int_equal(p->iov[0].len + p->iov[1].len, 8);
	memcpy(p->iov[0].base, &count, p->iov[0].len);
	memcpy(p->iov[1].base, (char *)&count + p->iov[0].len, p->iov[1].len);
	complete(p, 8);
}

static int is_file_io(const struct pending *p)
{
	return p->opcode != IORING_OP_POLL_ADD &&
	       p->opcode != IORING_OP_TIMEOUT &&
	       fake.fds[p->fd].kind == FAKE_FILE;
}

static int due(const struct sys_timespec *at)
{
	const struct sys_timespec *now = &fake.clock[SYS_CLOCK_REALTIME];

	return now->sec > at->sec ||
	       (now->sec == at->sec && now->nsec >= at->nsec);
}

static int try_complete(struct pending *p)
{
	if (p->opcode == IORING_OP_POLL_ADD) {
		if (!poll_ready(p)) {
			return 0;
		}
		complete(p, fake.fds[p->fd].kind == FAKE_PORT ?
				    (int)port_ready(p->events) :
			    fake.fds[p->fd].kind == FAKE_TAP && fake.tap_gone ?
				    POLLERR :
				    (int)p->events);
	} else if (p->opcode == IORING_OP_TIMEOUT) {
		if (!due(p->at)) {
			return 0;
		}
		complete(p, -ETIME);
	} else if (is_file_io(p)) {
		if (fake.hold_io) {
			return 0;
		}
		complete(p, (int)file_result(p));
	} else {
		fake_get_fd(p->fd, FAKE_EVENTFD);
		if (fake.eventfd_error == 0 && ring.event_count == 0) {
			return 0;
		}
		read_eventfd(p);
	}
	return 1;
}

void fake_progress(void)
{
	int again;
	unsigned i;

	do {
		again = 0;
		for (i = 0; i < FAKE_PENDING; i++) {
			if (ring.pending[i].used) {
				again |= try_complete(&ring.pending[i]);
			}
		}
	} while (again);
}

static struct pending *oldest_held(void)
{
	struct pending *oldest = NULL;
	unsigned i;

	for (i = 0; i < FAKE_PENDING; i++) {
		struct pending *p = &ring.pending[i];

		if (p->used && is_file_io(p) &&
		    (!oldest || p->order < oldest->order)) {
			oldest = p;
		}
	}
	return oldest;
}

int fake_complete_one(void)
{
	struct pending *p = oldest_held();

	if (!p) {
		return 0;
	}
	complete(p, (int)file_result(p));
	fake_progress();
	return 1;
}

int fake_complete_with(int result)
{
	struct pending *p = oldest_held();

	if (!p) {
		return 0;
	}
	complete(p, result);
	fake_progress();
	return 1;
}

unsigned fake_pending_of(unsigned opcode)
{
	unsigned n = 0;
	unsigned i;

	for (i = 0; i < FAKE_PENDING; i++) {
		n += ring.pending[i].used && ring.pending[i].opcode == opcode;
	}
	return n;
}

unsigned fake_pending(void)
{
	unsigned n = 0;
	unsigned i;

	for (i = 0; i < FAKE_PENDING; i++) {
		n += (unsigned)ring.pending[i].used;
	}
	return n;
}

/* -- Submission ---------------------------------------------------------- */

static void cancel(const struct io_uring_sqe *sqe)
{
	unsigned i;

	fake.cancels++;
	for (i = 0; i < FAKE_PENDING; i++) {
		struct pending *p = &ring.pending[i];

		if (p->used && p->user_data == sqe->addr) {
			complete(p, -ECANCELED);
			if ((sqe->flags & IOSQE_CQE_SKIP_SUCCESS) == 0) {
				post(sqe->user_data, 0);
			}
			return;
		}
	}
	post(sqe->user_data, -ENOENT);
}

static struct pending *new_pending(void)
{
	unsigned i;

	for (i = 0; i < FAKE_PENDING; i++) {
		if (!ring.pending[i].used) {
			return &ring.pending[i];
		}
	}
	fail_msg("too many requests in flight");
	return NULL;
}

static void copy_operands(struct pending *p, const struct io_uring_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_POLL_ADD:
		fake.polls++;
		p->events = sqe->poll32_events;
		break;
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
		assert_in_range(sqe->len, 1, IOV_MAX_FAKE);
		p->n = sqe->len;
		p->rw_flags = (uint32_t)sqe->rw_flags;
		memcpy(p->iov, (const void *)(uintptr_t)sqe->addr,
		       p->n * sizeof(p->iov[0]));
		break;
	case IORING_OP_FALLOCATE:
		p->n = sqe->len;
		p->len = sqe->addr;
		break;
	case IORING_OP_FSYNC:
		assert_int_equal(sqe->fsync_flags, IORING_FSYNC_DATASYNC);
		break;
	case IORING_OP_TIMEOUT:
		assert_int_equal(sqe->len, 1);
		assert_int_equal(sqe->timeout_flags,
				 IORING_TIMEOUT_ABS | IORING_TIMEOUT_REALTIME);
		p->at = (const struct sys_timespec *)(uintptr_t)sqe->addr;
		break;
	default:
		fail_msg("unexpected opcode %u", sqe->opcode);
	}
}

static void submit(const struct io_uring_sqe *sqe)
{
	struct pending *p;

	fake.submitted++;
	if (sqe->opcode == IORING_OP_ASYNC_CANCEL) {
		cancel(sqe);
		return;
	}
	p = new_pending();
	memset(p, 0, sizeof(*p));
	p->used = 1;
	p->opcode = sqe->opcode;
	p->flags = sqe->flags;
	p->fd = sqe->fd;
	p->user_data = sqe->user_data;
	p->off = sqe->off;
	p->order = ring.next_order++;
	copy_operands(p, sqe);
}

static void wait_for_one(void)
{
	fake.waits++;
	if (*word(CQ_HEAD) != ring.cq_tail) {
		return;
	}
	if (fake.on_wait) {
		fake.on_wait();
	} else {
		fake_complete_one();
	}
	if (*word(CQ_HEAD) == ring.cq_tail) {
		fail_msg("waits for a completion that never comes");
	}
}

long sys_io_uring_enter(int fd, unsigned count, unsigned wait, unsigned flags)
{
	long fault = fake_fault(__func__, count);
	unsigned tail;
	unsigned taken = 0;

	if (fault != 0) {
		return fault;
	}
	fake_get_fd(fd, FAKE_RING);
	assert_int_equal(flags, wait ? IORING_ENTER_GETEVENTS : 0);
	fake.enters++;
	tail = __atomic_load_n(word(SQ_TAIL), __ATOMIC_ACQUIRE);
	assert_true(tail - ring.sq_head <= SQ_ENTRIES);
	assert_true(count <= tail - ring.sq_head);
	if (fake.submit_max != 0 && count > fake.submit_max) {
		count = fake.submit_max;
	}
	while (taken < count) {
		submit(&ring.sqes[ring.sq_head++ % SQ_ENTRIES]);
		taken++;
	}
	*word(SQ_HEAD) = ring.sq_head;
	fake_progress();
	if (wait > 0 && ring.sq_head == tail) {
		wait_for_one();
	}
	return taken;
}
