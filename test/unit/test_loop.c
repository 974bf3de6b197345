/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: dispatch, submission, cancellation, and the kick that ends
 * KVM_RUN for what completes after the last look at the ring.
 */
#include <linux/errno.h>
#include <linux/io_uring.h>
#include <linux/poll.h>
#include <string.h>

#include "core/config.h"
#include "core/log.h"
#include "core/loop.h"
#include "test/unit/fake.h"

static uint8_t immediate_exit;
static unsigned calls;
static int last_result;
static struct loop_request *last_request;
static unsigned char order[1024];
static struct loop_request requests[300];

static void done(struct loop_request *request, int result)
{
	if (request >= requests && request < requests + 300) {
		order[calls] = (unsigned char)(request - requests);
	}
	calls++;
	last_request = request;
	last_result = result;
}

static int tty_in, tty_out;

static void machine(void)
{
	unsigned i;

	fake_reset();
	loop_init(&immediate_exit);
	for (i = 0; i < 300; i++) {
		requests[i].done = done;
	}
	tty_in = 0;
	tty_out = 1;
}

static int open_file(const char *path)
{
	long fd = sys_open(path, 2);

	assert_true(fd >= 0);
	return (int)fd;
}

/* -- Requests ------------------------------------------------------------ */

static void nothing(void)
{
	unsigned enters;

	machine();
	loop_before_run(); /* submits the kick */
	enters = fake.enters;
	loop_after_run();
	loop_before_run();
	loop_after_run();
	assert_int_equal(fake.enters, enters); /* no system call for nothing */
	assert_int_equal(calls, 0);
}

static void poll(void)
{
	machine();
	loop_poll(&requests[0], tty_in, POLLIN);
	assert_int_equal(fake.polls, 0); /* not before loop_submit() */
	loop_submit();
	assert_int_equal(fake.polls, 1);
	loop_before_run();
	assert_int_equal(calls, 0);
	fake_tty_type("x", 1);
	loop_after_run();
	loop_before_run();
	assert_int_equal(calls, 1);
	assert_ptr_equal(last_request, &requests[0]);
	assert_int_equal(last_result, POLLIN);
	loop_after_run();
	loop_before_run();
	assert_int_equal(calls, 1); /* once only */
}

static void read_and_write(void)
{
	char a[3], b[5];
	struct sys_iovec iov[] = { { a, 3 }, { b, 5 } };
	struct fake_file *file;
	int fd;

	machine();
	file = fake_file("/f", 100);
	memcpy(file->data + 10, "abcdefgh", 8);
	fd = open_file("/f");
	loop_readv(&requests[0], fd, iov, 2, 10);
	loop_wait();
	assert_int_equal(last_result, 8);
	assert_memory_equal(a, "abc", 3);
	assert_memory_equal(b, "defgh", 5);
	loop_writev(&requests[1], fd, iov, 2, 90, 0);
	loop_wait();
	assert_int_equal(last_result, 8);
	assert_memory_equal(file->data + 90, "abcdefgh", 8);
	assert_int_equal(file->durable, 0);
	loop_writev(&requests[1], fd, iov, 1, 0, 1);
	loop_wait();
	assert_int_equal(file->durable, 1);
	loop_fdatasync(&requests[2], fd);
	loop_wait();
	assert_int_equal(file->syncs, 1);
	assert_int_equal(last_result, 0);
	file->io_error = -EIO;
	loop_readv(&requests[0], fd, iov, 2, 10);
	loop_wait();
	assert_int_equal(last_result, -EIO);
}

static void alarm(void)
{
	struct sys_timespec at = { 1700000010, 0 };

	machine();
	loop_alarm(&requests[0], &at);
	loop_before_run();
	fake_set_time(1700000009);
	loop_after_run();
	loop_before_run();
	assert_int_equal(calls, 0);
	fake_set_time(1700000010);
	loop_after_run();
	loop_before_run();
	assert_int_equal(calls, 1);
	assert_int_equal(last_result, -ETIME);
}

static void cancel(void)
{
	struct sys_timespec at = { 1700000010, 0 };

	machine();
	loop_alarm(&requests[0], &at);
	loop_submit();
	loop_cancel(&requests[0]);
	loop_before_run();
	assert_int_equal(calls, 1);
	assert_ptr_equal(last_request, &requests[0]);
	assert_int_equal(last_result, -ECANCELED);
}

/* What has ended cannot be cancelled; nobody hears of that. */
static void cancel_too_late(void)
{
	struct sys_timespec at = { 1600000000, 0 };

	machine();
	loop_alarm(&requests[0], &at);
	loop_submit();
	loop_cancel(&requests[0]);
	loop_before_run();
	assert_int_equal(calls, 1);
	assert_int_equal(last_result, -ETIME);
}

/* In the order of completion. */
static void dispatch_order(void)
{
	char c;
	struct sys_iovec iov = { &c, 1 };
	unsigned i;
	int fd;

	machine();
	fake_file("/f", 100);
	fd = open_file("/f");
	for (i = 0; i < 50; i++) {
		loop_readv(&requests[i], fd, &iov, 1, i);
	}
	loop_wait();
	assert_int_equal(calls, 50);
	for (i = 0; i < 50; i++) {
		assert_int_equal(order[i], i);
	}
}

/* More than the submission queue holds. */
static void many(void)
{
	char c;
	struct sys_iovec iov = { &c, 1 };
	unsigned i;
	int fd;

	machine();
	fake_file("/f", 1000);
	fd = open_file("/f");
	fake.hold_io = 1;
	for (i = 0; i < CONFIG_MAX_INFLIGHT; i++) {
		loop_readv(&requests[i], fd, &iov, 1, i);
	}
	loop_before_run();
	assert_int_equal(fake_pending(), CONFIG_MAX_INFLIGHT + 1);
	assert_int_equal(calls, 0);
	fake.hold_io = 0;
	fake_progress();
	loop_after_run();
	loop_before_run();
	assert_int_equal(calls, CONFIG_MAX_INFLIGHT);
	assert_int_equal(fake_pending(), 1);
}

/* Rings that go round many times. */
static void round_and_round(void)
{
	char c;
	struct sys_iovec iov = { &c, 1 };
	unsigned i;
	int fd;

	machine();
	fake_file("/f", 100);
	fd = open_file("/f");
	for (i = 0; i < 5000; i++) {
		calls = 0;
		loop_readv(&requests[0], fd, &iov, 1, 0);
		loop_readv(&requests[1], fd, &iov, 1, 0);
		loop_readv(&requests[2], fd, &iov, 1, 0);
		loop_before_run();
		loop_after_run();
		loop_before_run();
		loop_after_run();
		assert_int_equal(calls, 3);
	}
	assert_int_equal(fake_pending(), 1);
}

/* The kernel takes fewer than it was given. */
static void partial_submission(void)
{
	char c;
	struct sys_iovec iov = { &c, 1 };
	unsigned i;
	int fd;

	machine();
	fake_file("/f", 100);
	fd = open_file("/f");
	fake.submit_max = 3;
	for (i = 0; i < 20; i++) {
		loop_readv(&requests[i], fd, &iov, 1, i);
	}
	loop_submit();
	assert_int_equal(fake.submitted, 21);
	loop_wait();
	assert_int_equal(calls, 20);
}

static void submission_fails(long error, int fatal)
{
	machine();
	loop_poll(&requests[0], tty_in, POLLIN);
	fake.fail_at = fake.calls + 1;
	fake.fail_with = error;
	if (fatal) {
		assert_int_equal(EXITS(loop_submit()), EXIT_HOST);
		fake_one_line("io_uring_enter: error");
	} else {
		loop_submit();
		assert_int_equal(fake.polls, 1);
	}
}

static void submission_interrupted(void)
{
	submission_fails(-EINTR, 0);
}

static void submission_again(void)
{
	submission_fails(-EAGAIN, 0);
}

static void submission_refused(void)
{
	submission_fails(-EINVAL, 1);
}

static void submission_out_of_memory(void)
{
	submission_fails(-ENOMEM, 1);
}

static void wait_interrupted(void)
{
	machine();
	loop_submit();
	loop_poll(&requests[0], tty_out, POLLOUT);
	fake.tty_room = 0;
	loop_submit();
	fake.tty_room = 1;
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EINTR;
	loop_wait();
	assert_int_equal(calls, 1);
}

/* A request that is started from done() goes out before the guest runs. */
static void chain(struct loop_request *request, int result)
{
	(void)result;
	if (++calls < 10) {
		loop_poll(request, tty_out, POLLOUT);
	}
}

static void started_from_done(void)
{
	unsigned i;

	machine();
	requests[0].done = chain;
	loop_poll(&requests[0], tty_out, POLLOUT);
	for (i = 0; i < 20; i++) {
		loop_before_run();
		loop_after_run();
	}
	assert_int_equal(calls, 10);
	assert_int_equal(fake_pending(), 1);
}

/* -- The kick ------------------------------------------------------------ */

/* What completes while the guest runs ends the run. */
static void kicks(void)
{
	machine();
	loop_poll(&requests[0], tty_in, POLLIN);
	loop_before_run();
	assert_int_equal(immediate_exit, 0);
	fake_tty_type("x", 1);
	assert_int_equal(immediate_exit, 1);
	loop_after_run();
	assert_int_equal(immediate_exit, 0);
	loop_before_run();
	assert_int_equal(calls, 1);
	assert_int_equal(immediate_exit, 0);
}

/* And again: it is armed anew each time. */
static void kicks_again(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 1000; i++) {
		loop_poll(&requests[0], tty_in, POLLIN);
		loop_before_run();
		assert_int_equal(immediate_exit, 0);
		assert_int_equal(fake_pending(), 2);
		fake_tty_type("x", 1);
		assert_int_equal(immediate_exit, 1);
		fake.tty_in_head = fake.tty_in_tail = 0;
		loop_after_run();
		assert_int_equal(immediate_exit, 0);
	}
	loop_before_run();
	assert_int_equal(calls, 1000);
}

/* Completions at any count: the byte that is stored is never 0. */
static void kicks_for_many(void)
{
	char c;
	struct sys_iovec iov = { &c, 1 };
	unsigned n, i;
	int fd;

	machine();
	fake_file("/f", 1000);
	fd = open_file("/f");
	for (n = 1; n <= CONFIG_MAX_INFLIGHT; n += 37) {
		calls = 0;
		fake.hold_io = 1;
		for (i = 0; i < n; i++) {
			loop_readv(&requests[i], fd, &iov, 1, i);
		}
		loop_before_run();
		fake.hold_io = 0;
		fake_progress();
		assert_int_not_equal(immediate_exit, 0);
		loop_after_run();
		assert_int_equal(immediate_exit, 0);
		loop_before_run();
		assert_int_equal(calls, n);
		loop_after_run();
	}
}

/* What completes at submission is dispatched before the guest runs on. */
static void completes_at_submission(void)
{
	machine();
	loop_poll(&requests[0], tty_out, POLLOUT);
	loop_before_run();
	assert_int_equal(calls, 1);
	assert_int_equal(immediate_exit, 0);
}

/* Nothing kicks while we look at the ring ourselves. */
static void quiet_outside_of_run(void)
{
	machine();
	loop_before_run();
	loop_after_run();
	loop_poll(&requests[0], tty_in, POLLIN);
	loop_submit();
	fake_tty_type("x", 1);
	assert_int_equal(immediate_exit, 0);
	loop_wait();
	assert_int_equal(calls, 1);
	loop_before_run();
	assert_int_equal(immediate_exit, 0);
}

/* Without the kick a wake-up could be lost: that is the end, not a guess. */
static void kick_fails(void)
{
	machine();
	fake.eventfd_error = -EIO;
	assert_int_equal(EXITS({
				 loop_before_run();
				 loop_after_run();
				 loop_before_run();
			 }),
			 EXIT_HOST);
	fake_one_line("reading an eventfd failed (-5)");
}

/* -- Set-up -------------------------------------------------------------- */

static void each_step_refused_at(void *n)
{
	fake_reset();
	fake.fail_at = (unsigned)(uintptr_t)n;
	fake.fail_with = -ENOMEM;
	assert_int_equal(EXITS(loop_init(&immediate_exit)), EXIT_HOST);
	fake_one_line("io_uring");
}

static void each_step_refused(void)
{
	uintptr_t n;

	/* setup, 2 x mmap, eventfd, register */
	for (n = 1; n <= 5; n++) {
		assert_int_equal(unit_child(each_step_refused_at, (void *)n),
				 0);
	}
}

static const struct CMUnitTest tests[] = {
	TEST(nothing),
	TEST(poll),
	TEST(read_and_write),
	TEST(alarm),
	TEST(cancel),
	TEST(cancel_too_late),
	TEST(dispatch_order),
	TEST(many),
	TEST(round_and_round),
	TEST(partial_submission),
	TEST(submission_interrupted),
	TEST(submission_again),
	TEST(submission_refused),
	TEST(submission_out_of_memory),
	TEST(wait_interrupted),
	TEST(started_from_done),
	TEST(kicks),
	TEST(kicks_again),
	TEST(kicks_for_many),
	TEST(completes_at_submission),
	TEST(quiet_outside_of_run),
	TEST(kick_fails),
	TEST(each_step_refused),
};

UNIT_MAIN("loop", tests)
