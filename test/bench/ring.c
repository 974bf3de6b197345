// SPDX-License-Identifier: Apache-2.0
/* Disk requests through io_uring, so many in flight at a time. */
#include "bare.h"
#include "work.h"

#include <linux/io_uring.h>
#include <stddef.h>
#include <sys/mman.h>

#define DEPTH_MAX	32
#define BYTES_MAX	(128 * 1024)

static char buffers[DEPTH_MAX][BYTES_MAX] __attribute__((aligned(4096)));

static struct {
	int fd;
	unsigned tail;
	unsigned head;
	unsigned sq_mask;
	unsigned cq_mask;
	unsigned *sq_tail;
	unsigned *sq_array;
	unsigned *cq_head;
	const unsigned *cq_tail;
	struct io_uring_sqe *sqes;
	const struct io_uring_cqe *cqes;
} ring;

/* What the requests in flight have in common. */
static struct {
	int fd;
	int write;
	unsigned bytes;
	uint64_t *state;
} work;

static char *map(size_t bytes, uint64_t offset)
{
	return (char *)bare_syscall(__NR_mmap, 0, (long)bytes,
				    PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_POPULATE, ring.fd,
				    (long)offset);
}

int ring_open(void)
{
	static struct io_uring_params p;
	char *rings;

	ring.fd = (int)bare_call3(__NR_io_uring_setup, DEPTH_MAX, (long)&p, 0);
	if (ring.fd < 0) {
		return -1;
	}
	rings = map(p.cq_off.cqes + p.cq_entries * sizeof(*ring.cqes) +
			    p.sq_entries * sizeof(unsigned),
		    IORING_OFF_SQ_RING);
	ring.sqes = (struct io_uring_sqe *)map(
		p.sq_entries * sizeof(*ring.sqes), IORING_OFF_SQES);
	ring.sq_mask = p.sq_entries - 1;
	ring.cq_mask = p.cq_entries - 1;
	ring.sq_tail = (unsigned *)(rings + p.sq_off.tail);
	ring.sq_array = (unsigned *)(rings + p.sq_off.array);
	ring.cq_head = (unsigned *)(rings + p.cq_off.head);
	ring.cq_tail = (unsigned *)(rings + p.cq_off.tail);
	ring.cqes = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
	for (unsigned i = 0; i < p.sq_entries; i++) {
		ring.sq_array[i] = i;
	}
	return 0;
}

static void prepare(unsigned slot)
{
	struct io_uring_sqe *sqe = &ring.sqes[ring.tail++ & ring.sq_mask];

	/* Nobody sets the other fields. */
	sqe->opcode = work.write ? IORING_OP_WRITE : IORING_OP_READ;
	sqe->fd = work.fd;
	sqe->off = (uint64_t)next_offset(work.state, work.bytes);
	sqe->addr = (uintptr_t)buffers[slot];
	sqe->len = work.bytes;
	sqe->user_data = slot;
	__atomic_store_n(ring.sq_tail, ring.tail, __ATOMIC_RELEASE);
}

/* Take what has completed; for each, start another while left allows. Returns
 * how many have completed, or -1. */
static int reap(uint64_t *left, unsigned *prepared)
{
	int done = 0;

	while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) != ring.head) {
		const struct io_uring_cqe *cqe =
			&ring.cqes[ring.head & ring.cq_mask];
		unsigned slot = (unsigned)cqe->user_data;

		if (cqe->res != (int)work.bytes) {
			return -1;
		}
		ring.head++;
		__atomic_store_n(ring.cq_head, ring.head, __ATOMIC_RELEASE);
		done++;
		if (*left > 0) {
			(*left)--;
			prepare(slot);
			(*prepared)++;
		}
	}
	return done;
}

int ring_transfer(int fd, int write, unsigned bytes, unsigned depth,
		  uint64_t count, uint64_t *state)
{
	uint64_t left = count > depth ? count - depth : 0;
	unsigned prepared = (unsigned)(count - left);
	int done;

	work.fd = fd;
	work.write = write;
	work.bytes = bytes;
	work.state = state;
	for (unsigned i = 0; i < prepared; i++) {
		prepare(i);
	}
	while (count > 0) {
		if (bare_syscall(__NR_io_uring_enter, ring.fd, prepared, 1,
				 IORING_ENTER_GETEVENTS, 0, 0) !=
		    (long)prepared) {
			return -1;
		}
		prepared = 0;
		done = reap(&left, &prepared);
		if (done < 0) {
			return -1;
		}
		count -= (unsigned)done;
	}
	return 0;
}
