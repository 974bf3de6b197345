/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-console: no byte lost in either direction, however slow host and
 * driver are, drivers that break the rules, resets with bytes under way.
 */
#include <linux/errno.h>
#include <linux/io_uring.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "dev/console.h"
#include "dev/tty.h"
#include "test/unit/driver.h"

#define NUM 16u
#define SPI 20u
#define DATA (RAM + 0x40000)
#define TURN 16384u
#define QUEUE_RESET 0x0c0
#define BROKEN (RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET)

static struct driver rx = {
	.queue = 0,
	.desc = RAM + 0x10000,
	.avail = RAM + 0x11000,
	.used = RAM + 0x12000,
};
static struct driver tx = {
	.queue = 1,
	.desc = RAM + 0x14000,
	.avail = RAM + 0x15000,
	.used = RAM + 0x16000,
};

static const struct config_device row = {
	.name = "con0",
	.gpa = WINDOW,
	.size = 0x200,
	.spi = SPI,
	.kind = DEVICE_VIRTIO_CONSOLE,
	.transport = VIRTIO_MMIO,
	.path = "/dev/hvc0",
};

static void run_loop(void)
{
	loop_before_run();
	loop_after_run();
}

static void start_with(uint64_t features)
{
	driver_prepare(&rx, WINDOW, NUM, features);
	driver_add_queue(&rx, WINDOW, NUM);
	driver_add_queue(&tx, WINDOW, NUM);
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	assert_int_equal(driver_read(&rx, VIRTIO_MMIO_STATUS), RUNNING);
}

static void start(void)
{
	start_with(0);
}

static void console(void)
{
	driver_machine();
	console_init(&row);
	start();
}

/* The driver sends a text as one request of one buffer. */
static void send_at(unsigned i, const void *text, unsigned n)
{
	uint64_t at = DATA + 0x1000 * i;

	memcpy(ram(at), text, n);
	driver_desc(&tx, i, at, n, 0, 0);
	driver_offer(&tx, i);
}

static void send(const char *text)
{
	send_at(0, text, (unsigned)strlen(text));
	driver_notify(&tx);
}

static void arrived(const char *text)
{
	assert_int_equal(fake.port.out_count, strlen(text));
	assert_memory_equal(fake.port.out, text, strlen(text));
}

/* The driver gives a buffer for input. */
static void give(unsigned i, unsigned n)
{
	memset(ram(DATA + 0x20000 + 0x1000 * i), 0x11, n);
	driver_desc(&rx, i, DATA + 0x20000 + 0x1000 * i, n, D_WRITE, 0);
	driver_offer(&rx, i);
}

static const void *given(unsigned i)
{
	return ram(DATA + 0x20000 + 0x1000 * i);
}

static void type(const char *text)
{
	fake_port_type(text, (unsigned)strlen(text));
}

static uint32_t status(void)
{
	return driver_read(&rx, VIRTIO_MMIO_STATUS);
}

static unsigned rises(void)
{
	return fake_spi(SPI)->rises;
}

/* After whatever a test did: a reset, and both directions work. */
static void works_again(void)
{
	start();
	fake.port.out_count = 0;
	fake.port.in_head = fake.port.in_tail;
	fake_port_take(1000);
	run_loop();
	send("works");
	run_loop();
	arrived("works");
	give(0, 64);
	driver_notify(&rx);
	run_loop();
	type("again");
	run_loop();
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(driver_used_len(&rx, 0), 5);
	assert_memory_equal(given(0), "again", 5);
}

/* -- Set-up -------------------------------------------------------------- */

static void identification(void)
{
	console();
	assert_int_equal(driver_read(&rx, VIRTIO_MMIO_DEVICE_ID),
			 VIRTIO_ID_CONSOLE);
	assert_int_equal(driver_offered(&rx) & 0xffffff, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 1);
	assert_int_equal(driver_read(&rx, VIRTIO_MMIO_QUEUE_NUM_MAX), 128);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 2);
	assert_int_equal(driver_read(&rx, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
}

static void raw_and_back(void)
{
	console();
	assert_int_equal(fake.port.raw, 1);
	tty_restore();
	assert_int_equal(fake.port.raw, 0);
	tty_restore();
	assert_int_equal(fake.port.sets, 2);
	assert_int_equal(fake.tty_sets, 0); /* the standard one is not ours */
}

/* A control character of the standard terminal is input like any other. */
static void no_quit_key(void)
{
	console();
	tty_quit_on(0x1d);
	assert_int_equal(fake.log_lines, 0);
	give(0, 64);
	driver_notify(&rx);
	type("\x1d\x03");
	run_loop();
	assert_int_equal(driver_used_len(&rx, 0), 2);
	assert_memory_equal(given(0), "\x1d\x03", 2);
}

static void fifo_is_fine(void)
{
	driver_machine();
	fake.port.mode = S_IFIFO | 0600;
	fake.port.no_terminal = 1;
	console_init(&row);
	works_again();
	assert_int_equal(fake.port.sets, 0);
}

static void terminal_missing(void)
{
	struct config_device other = row;

	driver_machine();
	other.path = "/dev/hvc7";
	assert_int_equal(EXITS(console_init(&other)), EXIT_HOST);
	fake_one_line("terminal /dev/hvc7: cannot be opened as one (-2)");
}

/* Output would go over what is there. */
static void terminal_is_a_disk(void)
{
	driver_machine();
	fake.port.mode = S_IFBLK | 0600;
	assert_int_equal(EXITS(console_init(&row)), EXIT_HOST);
	fake_one_line("terminal /dev/hvc0: cannot be opened as one (-25)");
}

static void terminal_is_a_file(void)
{
	driver_machine();
	fake.port.mode = S_IFREG | 0600;
	assert_int_equal(EXITS(console_init(&row)), EXIT_HOST);
	fake_one_line("terminal /dev/hvc0");
	assert_int_equal(fake.port.writes, 0);
}

/* -- Output -------------------------------------------------------------- */

static void output(void)
{
	console();
	send("hello");
	arrived("hello");
	assert_int_equal(driver_used(&tx), 1);
	assert_int_equal(driver_used_id(&tx, 0), 0);
	assert_int_equal(driver_used_len(&tx, 0), 0);
	assert_int_equal(rises(), 1);
}

static void output_of_several_buffers(void)
{
	console();
	memcpy(ram(DATA), "abcdef", 6);
	driver_desc(&tx, 0, DATA, 1, D_NEXT, 1);
	driver_desc(&tx, 1, DATA + 1, 3, D_NEXT, 2);
	driver_desc(&tx, 2, DATA + 4, 2, 0, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	arrived("abcdef");
	assert_int_equal(driver_used(&tx), 1);
}

static void output_that_the_host_takes_in_pieces(void)
{
	console();
	fake.port.out_max = 3;
	send("0123456789");
	arrived("0123456789");
	assert_int_equal(driver_used(&tx), 1);
}

static void output_interrupted(void)
{
	console();
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EINTR;
	send("again");
	assert_string_equal(fake.failed, "sys_write");
	arrived("again");
}

/* What was made available before DRIVER_OK is sent when it comes. */
static void output_before_driver_ok(void)
{
	driver_machine();
	console_init(&row);
	driver_prepare(&rx, WINDOW, NUM, 0);
	driver_add_queue(&tx, WINDOW, NUM);
	send("early");
	assert_int_equal(fake.port.out_count, 0);
	driver_write(&tx, VIRTIO_MMIO_STATUS, RUNNING);
	arrived("early");
}

/* Not used, no interrupt, no system call, until the host takes them. */
static void output_waits(void)
{
	unsigned polls, writes, i;

	console();
	run_loop();
	polls = fake.polls;
	fake.port.room = 0;
	for (i = 0; i < NUM; i++) {
		send_at(i, "0123456789abcdef" + i, 1);
		driver_notify(&tx);
		run_loop();
	}
	writes = fake.port.writes;
	for (i = 0; i < 100; i++) {
		driver_notify(&tx);
		run_loop();
	}
	assert_int_equal(fake.polls - polls, 1);
	assert_int_equal(fake.port.writes, writes);
	assert_int_equal(writes, 1);
	assert_int_equal(driver_used(&tx), 0);
	assert_int_equal(rises(), 0);
	fake_port_take(5);
	run_loop();
	arrived("01234");
	assert_int_equal(driver_used(&tx), 5);
	fake_port_take(100);
	run_loop();
	arrived("0123456789abcdef");
	assert_int_equal(driver_used(&tx), NUM);
	for (i = 0; i < NUM; i++) {
		assert_int_equal(driver_used_id(&tx, i), i);
	}
}

/* A request is used when all of it is sent, not before. */
static void output_waits_within_a_request(void)
{
	console();
	fake.port.room = 4;
	memcpy(ram(DATA), "abcdef", 6);
	driver_desc(&tx, 0, DATA, 3, D_NEXT, 1);
	driver_desc(&tx, 1, DATA + 3, 3, 0, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	run_loop();
	arrived("abcd");
	assert_int_equal(driver_used(&tx), 0);
	fake_port_take(1);
	run_loop();
	arrived("abcde");
	assert_int_equal(driver_used(&tx), 0);
	fake_port_take(1);
	run_loop();
	arrived("abcdef");
	assert_int_equal(driver_used(&tx), 1);
}

/* Input goes on while output waits, and the other way round. */
static void directions_are_independent(void)
{
	console();
	fake.port.room = 0;
	send("stuck");
	run_loop();
	give(0, 64);
	driver_notify(&rx);
	type("typed");
	run_loop();
	assert_memory_equal(given(0), "typed", 5);
	type("no buffer for this");
	run_loop();
	fake_port_take(100);
	run_loop();
	arrived("stuck");
	send("more");
	arrived("stuckmore");
}

/* M36: all of a large output, in order, however the host takes it. */
static void m36_large_output(void)
{
	static uint8_t piece[1000];
	unsigned total = 0, seen = 0, step = 1, i;

	console();
	fake.port.room = 0;
	while (seen < 1 << 20) {
		while (total < 1 << 20 &&
		       (uint16_t)(tx.avail_idx - driver_used(&tx)) < NUM) {
			for (i = 0; i < sizeof(piece); i++) {
				piece[i] = (uint8_t)((total + i) * 7 >> 3);
			}
			send_at(tx.avail_idx % NUM, piece, sizeof(piece));
			driver_notify(&tx);
			total += sizeof(piece);
		}
		step = step * 5 % 9973 + 1;
		fake_port_take(step);
		run_loop();
		for (i = 0; i < fake.port.out_count; i++, seen++) {
			assert_int_equal(fake.port.out[i],
					 (uint8_t)(seen * 7 >> 3));
		}
		fake.port.out_count = 0;
	}
	assert_int_equal(seen, total);
	assert_int_equal(driver_used(&tx), tx.avail_idx);
	assert_int_equal(fake.log_lines, 0);
}

/* Much at once does not keep the event loop from its other work. */
static void output_takes_turns(void)
{
	unsigned i;

	console();
	for (i = 0; i < NUM; i++) {
		driver_desc(&tx, i, DATA, 0xf00, i + 1 < NUM ? D_NEXT : 0,
			    i + 1);
	}
	driver_offer(&tx, 0);
	driver_notify(&tx);
	assert_int_equal(fake.port.out_count, TURN);
	assert_int_equal(driver_used(&tx), 0);
	run_loop();
	assert_int_equal(fake.port.out_count, NUM * 0xf00);
	assert_int_equal(driver_used(&tx), 1);
}

/* A turn that ends with a request: the next is for the next turn. */
static void turn_ends_with_a_request(void)
{
	console();
	driver_desc(&tx, 0, DATA, TURN, 0, 0);
	driver_desc(&tx, 1, DATA, 1, 0, 0);
	driver_offer(&tx, 0);
	driver_offer(&tx, 1);
	driver_notify(&tx);
	assert_int_equal(driver_used(&tx), 1);
	run_loop();
	assert_int_equal(driver_used(&tx), 2);
	assert_int_equal(fake.port.out_count, TURN + 1);
}

static void output_gone(void)
{
	unsigned i;

	console();
	fake.port.out_error = -EIO;
	for (i = 0; i < 100; i++) {
		send_at(i % NUM, "x", 1);
		driver_notify(&tx);
		assert_int_equal(driver_used(&tx), i + 1);
	}
	assert_int_equal(fake.port.out_count, 0);
}

/* Hung up, it is "ready" for ever without taking a byte: nothing spins. */
static void output_hung_up(void)
{
	unsigned polls;

	console();
	fake.port.room = 0;
	send("lost");
	run_loop();
	polls = fake.polls;
	fake.port.hung_up = 1;
	fake_progress();
	run_loop();
	run_loop();
	assert_int_equal(fake.polls, polls);
	assert_int_equal(driver_used(&tx), 1);
}

static void full_ring_asks_for_the_next(void)
{
	unsigned i;

	driver_machine();
	console_init(&row);
	start_with(BIT64(VIRTIO_RING_F_EVENT_IDX));
	for (i = 0; i < NUM; i++) {
		send_at(i, "x", 1);
	}
	driver_notify(&tx);
	assert_int_equal(driver_used(&tx), NUM);
	assert_int_equal(driver_avail_event(&tx), NUM);
}

/* -- Input --------------------------------------------------------------- */

static void input(void)
{
	console();
	give(3, 64);
	driver_notify(&rx);
	run_loop();
	type("hello");
	run_loop();
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(driver_used_id(&rx, 0), 3);
	assert_int_equal(driver_used_len(&rx, 0), 5);
	assert_memory_equal(given(3), "hello\x11", 6);
	assert_int_equal(rises(), 1);
}

static void input_into_several_buffers(void)
{
	console();
	memset(ram(DATA), 0x11, 16);
	driver_desc(&rx, 0, DATA, 2, D_NEXT | D_WRITE, 1);
	driver_desc(&rx, 1, DATA + 4, 1, D_NEXT | D_WRITE, 2);
	driver_desc(&rx, 2, DATA + 8, 4, D_WRITE, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	type("abcdef");
	run_loop();
	assert_int_equal(driver_used_len(&rx, 0), 6);
	assert_memory_equal(ram(DATA),
			    "ab\x11\x11"
			    "c\x11\x11\x11"
			    "def\x11",
			    12);
}

/* Without a buffer the host is not even asked. */
static void input_waits_for_buffers(void)
{
	console();
	run_loop();
	type("abcdefgh");
	run_loop();
	assert_int_equal(fake.port.reads, 0);
	assert_int_equal(fake_pending_of(IORING_OP_POLL_ADD), 0); /* asleep */
	give(0, 3);
	driver_notify(&rx);
	run_loop();
	assert_int_equal(driver_used(&rx), 1);
	assert_memory_equal(given(0), "abc", 3);
	run_loop();
	assert_int_equal(fake.port.in_head, 3);
	give(1, 1);
	give(2, 100);
	driver_notify(&rx);
	run_loop();
	assert_int_equal(driver_used(&rx), 3);
	assert_int_equal(driver_used_len(&rx, 1), 1);
	assert_int_equal(driver_used_len(&rx, 2), 4);
	assert_memory_equal(given(1), "d", 1);
	assert_memory_equal(given(2), "efgh\x11", 5);
}

static void input_much(void)
{
	static uint8_t bytes[20000];
	unsigned used = 0, seen = 0, i;

	console();
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(i * 13 >> 2);
	}
	fake_port_type(bytes, sizeof(bytes));
	while (seen < sizeof(bytes)) {
		give(used % NUM, 1 + seen % 700);
		driver_notify(&rx);
		run_loop();
		while (used != driver_used(&rx)) {
			unsigned n = driver_used_len(&rx, used);

			assert_in_range(n, 1, 700);
			assert_memory_equal(given(used % NUM), bytes + seen, n);
			seen += n;
			used++;
		}
	}
	assert_int_equal(seen, sizeof(bytes));
}

/* Not before the driver runs: its buffers are not there yet. */
static void input_before_driver_ok(void)
{
	driver_machine();
	console_init(&row);
	type("early");
	run_loop();
	driver_prepare(&rx, WINDOW, NUM, 0);
	driver_add_queue(&rx, WINDOW, NUM);
	give(0, 64);
	run_loop();
	assert_int_equal(fake.port.reads, 0);
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	run_loop();
	assert_int_equal(driver_used_len(&rx, 0), 5);
	assert_memory_equal(given(0), "early", 5);
}

static void input_ends(void)
{
	unsigned polls;

	console();
	give(0, 64);
	driver_notify(&rx);
	fake.port.eof = 1;
	fake_progress();
	run_loop();
	polls = fake.polls;
	driver_notify(&rx);
	run_loop();
	assert_int_equal(fake.polls, polls);
	assert_int_equal(driver_used(&rx), 0);
	send("goes on");
	arrived("goes on");
}

static void input_not_there_after_all(void)
{
	console();
	give(0, 64);
	driver_notify(&rx);
	loop_submit();
	type("a");
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EAGAIN;
	run_loop();
	assert_string_equal(fake.failed, "sys_read");
	run_loop();
	assert_int_equal(driver_used(&rx), 1);
	assert_memory_equal(given(0), "a", 1);
}

/* -- Hostile drivers ----------------------------------------------------- */

static void breaks(void)
{
	assert_int_equal(status(), BROKEN);
	fake_one_line("con0:");
	run_loop();
	type("x");
	send("y");
	driver_notify(&rx);
	run_loop();
	assert_int_equal(status(), BROKEN);
	assert_int_equal(fake.port.out_count, 0);
	assert_int_equal(driver_used(&rx), 0);
	works_again();
}

static void writable_in_output(void)
{
	console();
	driver_desc(&tx, 0, DATA, 64, D_WRITE, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	breaks();
}

static void writable_after_readable_in_output(void)
{
	console();
	driver_desc(&tx, 0, DATA, 64, D_NEXT, 1);
	driver_desc(&tx, 1, DATA, 64, D_WRITE, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	breaks();
}

static void readable_in_input(void)
{
	console();
	driver_desc(&rx, 0, DATA, 64, 0, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	breaks();
}

static void readable_before_writable_in_input(void)
{
	console();
	driver_desc(&rx, 0, DATA, 64, D_NEXT, 1);
	driver_desc(&rx, 1, DATA, 64, D_WRITE, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	breaks();
}

/* Seen at once, though the terminal is still asked for an earlier buffer. */
static void readable_in_input_after_reset(void)
{
	console();
	give(0, 64);
	driver_notify(&rx);
	run_loop();
	start();
	driver_desc(&rx, 0, DATA, 64, 0, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	breaks();
}

static void bad_output(uint64_t addr, uint32_t len, unsigned flags)
{
	console();
	driver_desc(&tx, 0, addr, len, flags, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	breaks();
}

static void m16_empty_output(void)
{
	bad_output(DATA, 0, 0);
}

static void m13_loop(void)
{
	bad_output(DATA, 1, D_NEXT);
}

static void m20_output_outside_ram(void)
{
	bad_output(RAM_END, 1, 0);
}

static void m21_output_wraps(void)
{
	bad_output(UINT64_MAX, 2, 0);
}

static void m22_output_at_the_end_of_ram(void)
{
	console();
	driver_desc(&tx, 0, RAM_END - 4, 4, 0, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	assert_int_equal(driver_used(&tx), 1);
	fake.port.out_count = 0;
	driver_desc(&tx, 0, RAM_END - 4, 5, 0, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	breaks();
}

static void m16_empty_input(void)
{
	console();
	driver_desc(&rx, 0, DATA, 0, D_WRITE, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	breaks();
}

static void m18_head_outside(void)
{
	console();
	driver_offer(&rx, NUM);
	driver_notify(&rx);
	breaks();
}

/* The buffer that waits for input is in flight. */
static void m19_head_twice(void)
{
	console();
	give(0, 64);
	driver_notify(&rx);
	assert_int_equal(status(), RUNNING);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	type("abc"); /* fills the first; the second is right again */
	run_loop();
	assert_int_equal(status(), RUNNING);
	driver_offer(&rx, 1);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	works_again();
}

/* The same of a request whose end the host did not take yet. */
static void m19_output_twice(void)
{
	console();
	fake.port.room = 1;
	send("abc");
	driver_offer(&tx, 0);
	driver_notify(&tx);
	run_loop();
	assert_int_equal(driver_used(&tx), 0);
	fake_port_take(100);
	run_loop();
	arrived("abcabc"); /* one after the other, which is allowed */
	works_again();
}

/* The driver changes a request that is being sent: it was copied. */
static void m27_descriptor_changes(void)
{
	console();
	fake.port.room = 1;
	send("abc");
	driver_desc(&tx, 0, UINT64_MAX, UINT32_MAX, D_WRITE | D_NEXT, 99);
	fake_port_take(100);
	run_loop();
	arrived("abc");
	assert_int_equal(status(), RUNNING);
}

static void m17_index_jumps(void)
{
	console();
	driver_set_avail(&tx, NUM + 1);
	driver_notify(&tx);
	breaks();
}

static void m02_notifications_of_no_queue(void)
{
	static const uint32_t queues[] = { 2, 3, 0xffff, UINT32_MAX };
	unsigned i;

	console();
	for (i = 0; i < 4; i++) {
		driver_write(&rx, VIRTIO_MMIO_QUEUE_NOTIFY, queues[i]);
	}
	assert_int_equal(status(), RUNNING);
	works_again();
}

static void m09_notify_without_queues(void)
{
	driver_machine();
	console_init(&row);
	driver_prepare(&rx, WINDOW, NUM, 0);
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_NOTIFY, 1);
	type("x");
	run_loop();
	assert_int_equal(status(), RUNNING);
	assert_int_equal(fake.port.reads, 0);
	works_again();
}

/* -- Resets -------------------------------------------------------------- */

/* M11: output pending. Nothing of before the reset is sent after it. */
static void reset_with_output_pending(void)
{
	console();
	fake.port.room = 2;
	send("before");
	run_loop();
	arrived("be");
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	memset(ram(DATA), '!', 64);
	fake_port_take(100);
	run_loop();
	arrived("be");
	assert_int_equal(rises(), 0);
	works_again();
}

/* The host still does not read when the next driver sends. */
static void reset_and_restart_while_waiting(void)
{
	console();
	fake.port.room = 0;
	send("before");
	run_loop();
	start();
	send("after");
	run_loop();
	assert_int_equal(driver_used(&tx), 0);
	fake_port_take(100);
	run_loop();
	arrived("after");
	assert_int_equal(driver_used(&tx), 1);
}

/* Input that no buffer was there for is there for the next driver. */
static void reset_keeps_input(void)
{
	console();
	give(0, 64);
	driver_notify(&rx);
	run_loop();
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	type("kept");
	run_loop();
	assert_int_equal(fake.port.reads, 0);
	assert_int_equal(*(const uint8_t *)given(0), 0x11);
	start();
	give(1, 64);
	driver_notify(&rx);
	run_loop();
	assert_memory_equal(given(1), "kept", 4);
}

static void stop_queue(struct driver *d)
{
	driver_write(d, VIRTIO_MMIO_QUEUE_SEL, d->queue);
	driver_write(d, QUEUE_RESET, 1);
	assert_int_equal(driver_read(d, VIRTIO_MMIO_QUEUE_READY), 0);
}

static void output_queue_reset_alone(void)
{
	driver_machine();
	console_init(&row);
	start_with(BIT64(VIRTIO_F_RING_RESET));
	fake.port.room = 1;
	send("xyz");
	stop_queue(&tx);
	fake_port_take(100);
	run_loop();
	arrived("x");
	give(0, 64);
	driver_notify(&rx);
	type("typed");
	run_loop();
	assert_memory_equal(given(0), "typed", 5);
	driver_add_queue(&tx, WINDOW, NUM);
	send("new");
	arrived("xnew");
}

static void input_queue_reset_alone(void)
{
	driver_machine();
	console_init(&row);
	start_with(BIT64(VIRTIO_F_RING_RESET));
	give(0, 64);
	driver_notify(&rx);
	stop_queue(&rx);
	type("kept");
	run_loop();
	assert_int_equal(*(const uint8_t *)given(0), 0x11);
	send("still");
	arrived("still");
	driver_add_queue(&rx, WINDOW, NUM);
	give(1, 64);
	driver_notify(&rx);
	run_loop();
	assert_memory_equal(given(1), "kept", 4);
}

static void reset_many_times(void)
{
	unsigned i;

	console();
	for (i = 0; i < 1000; i++) {
		fake.port.room = i % 3;
		fake.port.out_count = 0;
		send("abc");
		give(0, 1 + i % 5);
		driver_notify(&rx);
		fake_port_type("ab", i % 3);
		if (i % 2) {
			run_loop();
		}
		start();
	}
	assert_in_range(fake_pending_of(IORING_OP_POLL_ADD), 0, 2);
	works_again();
}

static unsigned no_room(void *ctx)
{
	(void)ctx;
	return 0;
}

/* The console and the standard terminal, each with its own. */
static void terminals_are_apart(void)
{
	static struct tty standard;
	static const struct tty_client nobody = { .room = no_room };

	driver_machine();
	tty_open(&standard, "", &nobody);
	console_init(&row);
	assert_int_equal(fake.tty_raw, 1);
	assert_int_equal(fake.port.raw, 1);
	start();
	send("console");
	assert_int_equal(tty_put(&standard, 'u'), 1);
	arrived("console");
	assert_int_equal(fake.tty_out_count, 1);
	assert_int_equal(EXITS(log_fatal(EXIT_HOST, "x")), EXIT_HOST);
	assert_int_equal(fake.tty_raw, 0);
	assert_int_equal(fake.port.raw, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(identification),
	TEST(raw_and_back),
	TEST(no_quit_key),
	TEST(fifo_is_fine),
	TEST(terminal_missing),
	TEST(terminal_is_a_disk),
	TEST(terminal_is_a_file),
	TEST(output),
	TEST(output_of_several_buffers),
	TEST(output_that_the_host_takes_in_pieces),
	TEST(output_interrupted),
	TEST(output_before_driver_ok),
	TEST(output_waits),
	TEST(output_waits_within_a_request),
	TEST(directions_are_independent),
	TEST(m36_large_output),
	TEST(output_takes_turns),
	TEST(turn_ends_with_a_request),
	TEST(output_gone),
	TEST(output_hung_up),
	TEST(full_ring_asks_for_the_next),
	TEST(input),
	TEST(input_into_several_buffers),
	TEST(input_waits_for_buffers),
	TEST(input_much),
	TEST(input_before_driver_ok),
	TEST(input_ends),
	TEST(input_not_there_after_all),
	TEST(writable_in_output),
	TEST(writable_after_readable_in_output),
	TEST(readable_in_input),
	TEST(readable_before_writable_in_input),
	TEST(readable_in_input_after_reset),
	TEST(m16_empty_output),
	TEST(m13_loop),
	TEST(m20_output_outside_ram),
	TEST(m21_output_wraps),
	TEST(m22_output_at_the_end_of_ram),
	TEST(m16_empty_input),
	TEST(m18_head_outside),
	TEST(m19_head_twice),
	TEST(m19_output_twice),
	TEST(m27_descriptor_changes),
	TEST(m17_index_jumps),
	TEST(m02_notifications_of_no_queue),
	TEST(m09_notify_without_queues),
	TEST(reset_with_output_pending),
	TEST(reset_and_restart_while_waiting),
	TEST(reset_keeps_input),
	TEST(output_queue_reset_alone),
	TEST(input_queue_reset_alone),
	TEST(reset_many_times),
	TEST(terminals_are_apart),
};

UNIT_MAIN("console", tests)
