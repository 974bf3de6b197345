/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host terminal: no byte lost in either direction however slow either
 * side is, never a busy wait, and the terminal given back.
 */
#include <linux/errno.h>
#include <linux/io_uring.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "core/vcpu.h"
#include "dev/tty.h"
#include "test/unit/driver.h"

#define OUT_SIZE 256u /* what the VMM buffers for a slow host */

static struct tty tty;

static struct client {
	unsigned room;
	uint8_t got[4096];
	unsigned count;
	unsigned drains;
	unsigned largest; /* receive() */
} client;

static unsigned room(void *ctx)
{
	assert_ptr_equal(ctx, &client);
	return client.room;
}

static void receive(void *ctx, const uint8_t *bytes, unsigned n)
{
	assert_ptr_equal(ctx, &client);
	assert_true(n <= client.room);
	memcpy(client.got + client.count, bytes, n);
	client.count += n;
	client.room -= n;
	client.largest = n > client.largest ? n : client.largest;
}

static void drained(void *ctx)
{
	assert_ptr_equal(ctx, &client);
	assert_false(tty_full(&tty));
	client.drains++;
}

static void terminal(void)
{
	static const struct tty_client ours = { room, receive, drained,
						&client };

	memset(&client, 0, sizeof(client));
	client.room = 1000;
	tty_open(&tty, "", &ours);
}

static void machine(void)
{
	driver_machine();
	terminal();
}

static void run_loop(void)
{
	loop_before_run();
	loop_after_run();
}

/* -- Set-up -------------------------------------------------------------- */

static void raw_and_back(void)
{
	machine();
	assert_int_equal(fake.tty_raw, 1);
	tty_restore();
	assert_int_equal(fake.tty_raw, 0);
	assert_int_equal(fake.tty_sets, 2);
	tty_restore();
	assert_int_equal(fake.tty_sets, 2);
}

static void back_on_fatal(void)
{
	machine();
	assert_int_equal(EXITS(log_fatal(EXIT_HOST, "x")), EXIT_HOST);
	assert_int_equal(fake.tty_raw, 0);
}

static void back_on_bug(void)
{
	machine();
	assert_int_equal(EXITS(BUG_ON(client.room == 1000)), EXIT_BUG);
	assert_int_equal(fake.tty_raw, 0);
	fake_one_line("bug: client.room == 1000 at test/unit/test_tty.c:");
}

static void no_terminal(void)
{
	driver_machine();
	fake.no_terminal = 1;
	terminal();
	tty_quit_on(0x1d); /* a pipe cannot be asked to quit */
	assert_int_equal(fake.log_lines, 0);
	tty_restore();
	assert_int_equal(fake.tty_sets, 0);
	fake_tty_type("\x1d", 1);
	run_loop();
	assert_int_equal(client.count, 1);
}

/* The files that the shell gave us stay blocking for the shell. */
static void opened_anew_without_blocking(void)
{
	unsigned i, n = 0;

	machine();
	for (i = 3; i < FAKE_FDS; i++) {
		if (fake.fds[i].kind == FAKE_TTY_IN ||
		    fake.fds[i].kind == FAKE_TTY_OUT) {
			assert_true(fake.fds[i].nonblock);
			n++;
		}
	}
	assert_int_equal(n, 2);
}

/* Opened anew it would begin at offset 0, over what others wrote to it. */
static void files_are_not_opened_anew(void)
{
	unsigned i;

	driver_machine();
	fake.no_terminal = 1;
	fake.stdio_mode = S_IFREG | 0600;
	terminal();
	for (i = 3; i < FAKE_FDS; i++) {
		assert_int_not_equal(fake.fds[i].kind, FAKE_TTY_IN);
		assert_int_not_equal(fake.fds[i].kind, FAKE_TTY_OUT);
	}
	assert_int_equal(tty_put(&tty, 'f'), 1);
	assert_int_equal(fake.tty_out_count, 1);
}

/* -- Output -------------------------------------------------------------- */

static void output(void)
{
	machine();
	assert_int_equal(tty_put(&tty, 'h'), 1);
	assert_int_equal(tty_put(&tty, 'i'), 1);
	assert_int_equal(fake.tty_out_count, 2);
	assert_memory_equal(fake.tty_out, "hi", 2);
	assert_int_equal(client.drains, 0);
}

static void output_waits(void)
{
	machine();
	fake.tty_room = 0;
	assert_int_equal(tty_put(&tty, 'a'), 1);
	assert_int_equal(tty_put(&tty, 'b'), 1);
	assert_int_equal(fake.tty_out_count, 0);
	run_loop();
	fake_tty_take(10);
	run_loop();
	assert_memory_equal(fake.tty_out, "ab", 2);
}

static void output_fills_up(void)
{
	unsigned i;

	machine();
	fake.tty_room = 0;
	for (i = 0; i < OUT_SIZE; i++) {
		assert_int_equal(tty_full(&tty), 0);
		assert_int_equal(tty_put(&tty, (uint8_t)i), 1);
	}
	assert_int_equal(tty_full(&tty), 1);
	assert_int_equal(tty_put(&tty, 'x'), 0);
	run_loop();
	assert_int_equal(fake_pending_of(IORING_OP_POLL_ADD), 2);
	fake_tty_take(1);
	run_loop();
	assert_int_equal(client.drains, 1);
	assert_int_equal(tty_full(&tty), 0);
	assert_int_equal(tty_put(&tty, 'y'), 1);
	assert_int_equal(tty_full(&tty), 1);
	fake_tty_take(1000);
	run_loop();
	assert_int_equal(fake.tty_out_count, OUT_SIZE + 1);
	for (i = 0; i < OUT_SIZE; i++) {
		assert_int_equal(fake.tty_out[i], (uint8_t)i);
	}
	assert_int_equal(fake.tty_out[OUT_SIZE], 'y');
}

/* M36: every byte arrives, in order, whatever pieces the host takes. */
static void output_in_pieces(void)
{
	unsigned sent = 0;
	unsigned step = 1;

	machine();
	fake.tty_room = 0;
	while (sent < 5000) {
		while (sent < 5000 && tty_put(&tty, (uint8_t)(sent * 7))) {
			sent++;
		}
		step = step * 5 % 97 + 1;
		fake_tty_take(step);
		run_loop();
	}
	fake_tty_take(5000);
	run_loop();
	assert_int_equal(fake.tty_out_count, 5000);
	for (sent = 0; sent < 5000; sent++) {
		assert_int_equal(fake.tty_out[sent], (uint8_t)(sent * 7));
	}
}

/* A host that is gone takes everything; nothing spins. */
static void output_gone(void)
{
	unsigned i;

	machine();
	fake.tty_out_error = -EIO;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(tty_put(&tty, 'x'), 1);
	}
	assert_int_equal(tty_full(&tty), 0);
	assert_int_equal(fake.tty_out_count, 0);
}

/* One poll at a time, however often the guest writes. */
static void output_polls_once(void)
{
	unsigned i, before;

	machine();
	run_loop();
	fake.tty_room = 0;
	before = fake.polls;
	for (i = 0; i < 100; i++) {
		(void)tty_put(&tty, 'x');
		run_loop();
	}
	assert_int_equal(fake.polls - before, 1);
}

static void output_interrupted(void)
{
	machine();
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EINTR;
	assert_int_equal(tty_put(&tty, 'z'), 1);
	assert_string_equal(fake.failed, "sys_write");
	assert_memory_equal(fake.tty_out, "z", 1);
}

/* -- Input --------------------------------------------------------------- */

static void input(void)
{
	machine();
	run_loop();
	fake_tty_type("hello", 5);
	run_loop();
	assert_int_equal(client.count, 5);
	assert_memory_equal(client.got, "hello", 5);
}

/* Never more than fits, and the rest is not lost. */
static void input_waits_for_room(void)
{
	machine();
	client.room = 3;
	run_loop();
	fake_tty_type("abcdefgh", 8);
	run_loop();
	assert_int_equal(client.count, 3);
	run_loop();
	assert_int_equal(client.count, 3);
	assert_int_equal(fake_pending_of(IORING_OP_POLL_ADD), 0); /* asleep */
	client.room = 4;
	tty_resume(&tty);
	run_loop();
	assert_int_equal(client.count, 7);
	client.room = 4;
	tty_resume(&tty);
	run_loop();
	assert_memory_equal(client.got, "abcdefgh", 8);
}

/* Room vanishes between the poll and its completion. */
static void input_without_room(void)
{
	machine();
	loop_submit();
	fake_tty_type("q", 1);
	client.room = 0;
	run_loop();
	assert_int_equal(client.count, 0);
	client.room = 1;
	tty_resume(&tty);
	run_loop();
	assert_int_equal(client.count, 1);
}

static void input_much(void)
{
	static uint8_t bytes[1000];
	unsigned i;

	machine();
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(i * 13);
	}
	client.room = sizeof(bytes);
	fake_tty_type(bytes, sizeof(bytes));
	for (i = 0; i < 100; i++) {
		run_loop();
	}
	assert_int_equal(client.count, sizeof(bytes));
	assert_memory_equal(client.got, bytes, sizeof(bytes));
	assert_in_range(client.largest, 2, 256);
}

/* End of file: no more polls, no spinning. */
static void input_ends(void)
{
	unsigned before;

	machine();
	fake.tty_in_eof = 1;
	run_loop();
	before = fake.polls;
	tty_resume(&tty);
	run_loop();
	assert_int_equal(fake.polls, before);
	assert_int_equal(tty_put(&tty, 'x'), 1); /* output goes on */
	assert_int_equal(fake.tty_out_count, 1);
}

static void input_error(long error, int ends)
{
	machine();
	loop_submit();
	fake_tty_type("a", 1);
	fake.fail_at = fake.calls + 1;
	fake.fail_with = error;
	run_loop();
	run_loop();
	assert_string_equal(fake.failed, "sys_read");
	assert_int_equal(client.count, ends ? 0 : 1);
}

static void input_interrupted(void)
{
	input_error(-EINTR, 0);
}

static void input_not_there_after_all(void)
{
	input_error(-EAGAIN, 0);
}

static void input_broken(void)
{
	input_error(-EIO, 1);
}

/* One poll at a time, however often the device has room. */
static void input_polls_once(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 100; i++) {
		tty_resume(&tty);
		run_loop();
	}
	assert_int_equal(fake.polls, 1);
}

/* -- The quit key -------------------------------------------------------- */

static void quits(const char *bytes, unsigned n)
{
	struct vcpu vcpu = { 0 };

	machine();
	tty_quit_on(0x1d);
	fake_one_line("press Ctrl-] to quit");
	fake_tty_type(bytes, n);
	run_loop();
	assert_int_equal(vcpu_run(&vcpu), EXIT_QUIT);
	assert_int_equal(fake.log_lines, 2);
}

static void quit_key(void)
{
	quits("\x1d", 1);
}

static void quit_key_among_others(void)
{
	quits("abc\x1d", 4);
}

/* Under the supervisor, the guest gets every byte. */
static void no_quit_key(void)
{
	machine();
	tty_quit_on(0);
	assert_int_equal(fake.log_lines, 0);
	fake_tty_type("\x1d\0\x03", 3);
	run_loop();
	assert_memory_equal(client.got, "\x1d\0\x03", 3);
	assert_int_equal(client.count, 3);
}

/* -- The status key ------------------------------------------------------ */

#define STATUS_KEY 0x1e
#define PID 4711

static void status_machine(void)
{
	machine();
	tty_status_on(STATUS_KEY, PID);
	assert_int_equal(fake.log_lines, 0);
}

static void types(const char *bytes, unsigned n)
{
	fake_tty_type(bytes, n);
	run_loop();
}

static void status_key(void)
{
	status_machine();
	types("\x1e", 1);
	assert_int_equal(fake.kills, 1);
	assert_int_equal(fake.killed, PID);
	assert_int_equal(fake.kill_signal, 12); /* arm64's SIGUSR2 */
	assert_int_equal(client.count, 0);
	types("\x1e", 1);
	assert_int_equal(fake.kills, 2);
}

/* The guest gets all but the key, in order. */
static void status_key_among_others(void)
{
	status_machine();
	types("a\x1e\x1e"
	      "bc\x1e",
	      6);
	assert_int_equal(fake.kills, 3);
	assert_int_equal(client.count, 3);
	assert_memory_equal(client.got, "abc", 3);
	types("d", 1);
	assert_memory_equal(client.got, "abcd", 4);
}

static void status_key_and_no_process(void)
{
	status_machine();
	fake.fail_at = fake.calls + 3; /* enter, read, kill */
	fake.fail_with = -ESRCH;
	types("a\x1e"
	      "b",
	      3);
	assert_string_equal(fake.failed, "sys_kill");
	assert_memory_equal(client.got, "ab", 2);
}

static void no_status_key(void)
{
	machine();
	tty_status_on(0, PID);
	types("\x1e\0", 2);
	assert_int_equal(fake.kills, 0);
	assert_memory_equal(client.got, "\x1e\0", 2);
}

/* What comes by a pipe is data. */
static void status_key_in_a_pipe(void)
{
	driver_machine();
	fake.no_terminal = 1;
	terminal();
	tty_status_on(STATUS_KEY, PID);
	types("\x1e", 1);
	assert_int_equal(fake.kills, 0);
	assert_int_equal(client.count, 1);
}

/* Another terminal than the console is the guest's alone. */
static void status_key_elsewhere(void)
{
	static const struct tty_client ours = { room, receive, drained,
						&client };
	static struct tty other;

	status_machine();
	tty_open(&other, "/dev/hvc0", &ours);
	run_loop();
	fake_port_type("\x1e", 1);
	run_loop();
	assert_int_equal(fake.kills, 0);
	assert_int_equal(client.count, 1);
}

static void both_keys(void)
{
	struct vcpu vcpu = { 0 };

	status_machine();
	tty_quit_on(0x1d);
	types("\x1e\x1d", 2);
	assert_int_equal(vcpu_run(&vcpu), EXIT_QUIT);
}

static const struct CMUnitTest tests[] = {
	TEST(raw_and_back),
	TEST(back_on_fatal),
	TEST(back_on_bug),
	TEST(no_terminal),
	TEST(opened_anew_without_blocking),
	TEST(files_are_not_opened_anew),
	TEST(output),
	TEST(output_waits),
	TEST(output_fills_up),
	TEST(output_in_pieces),
	TEST(output_gone),
	TEST(output_polls_once),
	TEST(output_interrupted),
	TEST(input),
	TEST(input_waits_for_room),
	TEST(input_without_room),
	TEST(input_much),
	TEST(input_ends),
	TEST(input_interrupted),
	TEST(input_not_there_after_all),
	TEST(input_broken),
	TEST(input_polls_once),
	TEST(quit_key),
	TEST(quit_key_among_others),
	TEST(no_quit_key),
	TEST(status_key),
	TEST(status_key_among_others),
	TEST(status_key_and_no_process),
	TEST(no_status_key),
	TEST(status_key_in_a_pipe),
	TEST(status_key_elsewhere),
	TEST(both_keys),
};

UNIT_MAIN("tty", tests)
