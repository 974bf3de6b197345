/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host terminal. Output is written as it comes; what the host does not
 * take waits in a buffer, and a full buffer is the device's full FIFO. Input
 * is only read when the device has room for it.
 */
#include "dev/tty.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/stat.h>
#include <stdio.h>

#include "core/log.h"
#include "core/loop.h"
#include "core/sys.h"
#include "core/vcpu.h"

#define STDIN 0
#define STDOUT 1
#define OUT_SIZE 256 /* a power of two */
#define IN_SIZE 64
#define FLUSH_SECONDS 2

static struct {
	struct tty_client client;
	struct termios saved;
	int raw; /* saved is valid, the terminal is ours */
	int quit_key; /* 0: none */
	int in_fd;
	int out_fd;
	struct loop_request in_poll;
	struct loop_request out_poll;
	int in_waiting;
	int out_waiting;
	int in_ended;
	uint8_t out[OUT_SIZE];
	unsigned out_head; /* next to write to the host */
	unsigned out_tail;
} tty;

/* -- Output -------------------------------------------------------------- */

static void wait_for_output(void)
{
	if (!tty.out_waiting) {
		tty.out_waiting = 1;
		loop_poll(&tty.out_poll, tty.out_fd, POLLOUT);
	}
}

static void write_out(void)
{
	while (tty.out_head != tty.out_tail) {
		unsigned at = tty.out_head % OUT_SIZE;
		unsigned n = tty.out_tail - tty.out_head;
		long ret;

		if (n > OUT_SIZE - at) {
			n = OUT_SIZE - at;
		}
		ret = sys_write(tty.out_fd, &tty.out[at], n);
		if (ret == -EAGAIN) {
			wait_for_output();
			return;
		}
		if (ret == -EINTR) {
			continue;
		}
		/* A host end that is gone takes everything. */
		tty.out_head += ret > 0 ? (unsigned)ret : n;
	}
}

static void output_ready(struct loop_request *request, int result)
{
	(void)request;
	(void)result;
	tty.out_waiting = 0;
	write_out();
	if (!tty_full()) {
		tty.client.drained(tty.client.ctx);
	}
}

int tty_full(void)
{
	return tty.out_tail - tty.out_head == OUT_SIZE;
}

int tty_pending(void)
{
	return tty.out_tail != tty.out_head;
}

int tty_put(uint8_t byte)
{
	if (tty_full()) {
		return 0;
	}
	tty.out[tty.out_tail++ % OUT_SIZE] = byte;
	if (!tty.out_waiting) {
		write_out();
	}
	return 1;
}

static void flush_ends(struct loop_request *request, int result)
{
	(void)request;
	(void)result;
	tty.out_head = tty.out_tail; /* the host had its time */
}

void tty_flush(void)
{
	static struct loop_request limit = { .done = flush_ends };
	struct sys_timespec at;

	if (!tty_pending() || sys_clock_gettime(SYS_CLOCK_REALTIME, &at) < 0) {
		return;
	}
	at.sec += FLUSH_SECONDS;
	loop_alarm(&limit, &at);
	while (tty_pending()) {
		loop_wait();
	}
}

/* -- Input --------------------------------------------------------------- */

static int asks_to_quit(const uint8_t *bytes, long n)
{
	long i;

	for (i = 0; i < n; i++) {
		if (tty.quit_key != 0 && bytes[i] == tty.quit_key) {
			return 1;
		}
	}
	return 0;
}

static void input_ready(struct loop_request *request, int result)
{
	uint8_t bytes[IN_SIZE];
	unsigned room = tty.client.room(tty.client.ctx);
	long n;

	(void)request;
	(void)result;
	tty.in_waiting = 0;
	if (room == 0) {
		return; /* tty_resume() comes back */
	}
	n = sys_read(tty.in_fd, bytes, room < IN_SIZE ? room : IN_SIZE);
	if (n == 0 || (n < 0 && n != -EAGAIN && n != -EINTR)) {
		tty.in_ended = 1;
		return;
	}
	if (asks_to_quit(bytes, n)) {
		log_line("quit key");
		vcpu_stop(EXIT_QUIT);
		return;
	}
	if (n > 0) {
		tty.client.receive(tty.client.ctx, bytes, (unsigned)n);
	}
	tty_resume();
}

void tty_resume(void)
{
	if (!tty.in_waiting && !tty.in_ended &&
	    tty.client.room(tty.client.ctx) > 0) {
		tty.in_waiting = 1;
		loop_poll(&tty.in_poll, tty.in_fd, POLLIN);
	}
}

/* -- Set-up -------------------------------------------------------------- */

/*
 * The same file, opened anew without blocking: O_NONBLOCK on the inherited one
 * would stay with the shell that started us. Sockets cannot be reopened, and
 * regular files must not be: they never block, but have an offset to share.
 */
static int reopen(int fd, int flags)
{
	struct sys_file_info info;
	char path[24];
	long ret;

	if (sys_file_info(fd, &info) < 0 || S_ISREG(info.mode)) {
		return fd;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = sys_open(path, flags | O_NONBLOCK | O_NOCTTY);
	return ret < 0 ? fd : (int)ret;
}

static void make_raw(void)
{
	struct termios raw;

	if (sys_ioctl(STDIN, TCGETS, &tty.saved) < 0) {
		return; /* no terminal: a file, a pipe */
	}
	raw = tty.saved;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				   IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	if (sys_ioctl(STDIN, TCSETS, &raw) == 0) {
		tty.raw = 1;
	}
}

void tty_restore(void)
{
	if (tty.raw && sys_ioctl(STDIN, TCSETS, &tty.saved) == 0) {
		tty.raw = 0;
	}
}

void tty_init(const struct tty_client *client)
{
	tty.client = *client;
	tty.in_poll.done = input_ready;
	tty.out_poll.done = output_ready;
	make_raw();
	log_set_exit_hook(tty_restore);
	tty.in_fd = reopen(STDIN, O_RDONLY);
	tty.out_fd = reopen(STDOUT, O_WRONLY);
	tty_resume();
}

void tty_quit_on(int key)
{
	if (tty.raw && key != 0) {
		tty.quit_key = key;
		log_line("press Ctrl-%c to quit", key + '@');
	}
}
