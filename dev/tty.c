/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host terminals. Output is written as it comes; what the host does not take
 * waits, in a buffer of bytes or where the device has it, and a full buffer is
 * the device's full FIFO. Input is only read when the device has room for it.
 */
#include "dev/tty.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/stat.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/vcpu.h"

#define STDIN 0
#define STDOUT 1
#define IN_SIZE 256
#define FLUSH_SECONDS 2

static struct tty *ttys; /* the last one opened first */
static struct tty *standard;
static int quit_key; /* 0: none */
static int status_key;
static int status_pid;

_Static_assert(sizeof(((struct tty *)0)->saved) == sizeof(struct termios),
	       "TTY_TERMIOS_WORDS");

/* -- Output -------------------------------------------------------------- */

void tty_await(struct tty *tty)
{
	if (!tty->out_waiting) {
		tty->out_waiting = 1;
		loop_poll(&tty->out_poll, tty->out_fd, POLLOUT);
	}
}

unsigned tty_write(struct tty *tty, const uint8_t *bytes, unsigned n)
{
	unsigned done = 0;

	if (tty->out_waiting) {
		return 0; /* its completion tries again */
	}
	while (done < n && !tty->gone) {
		long ret = sys_write(tty->out_fd, bytes + done, n - done);

		if (ret == -EAGAIN) {
			tty_await(tty);
			return done;
		}
		if (ret > 0) {
			done += (unsigned)ret;
		} else if (ret != -EINTR) {
			break;
		}
	}
	return n; /* a host end that is gone takes everything */
}

static void write_out(struct tty *tty)
{
	unsigned at, n, done;

	do {
		at = tty->out_head % TTY_OUT_SIZE;
		n = tty->out_tail - tty->out_head;
		if (n > TTY_OUT_SIZE - at) {
			n = TTY_OUT_SIZE - at;
		}
		done = tty_write(tty, &tty->out[at], n);
		tty->out_head += done;
	} while (n > 0 && done == n);
}

static void output_ready(struct loop_request *request, int result)
{
	struct tty *tty = (struct tty *)((char *)request -
					 offsetof(struct tty, out_poll));

	tty->out_waiting = 0;
	/* It would be "ready" for ever without taking a byte. */
	tty->gone = result > 0 && (result & (POLLHUP | POLLERR)) != 0;
	write_out(tty);
	if (!tty_full(tty)) {
		tty->client.drained(tty->client.ctx);
	}
}

int tty_full(const struct tty *tty)
{
	return tty->out_tail - tty->out_head == TTY_OUT_SIZE;
}

int tty_pending(const struct tty *tty)
{
	return tty->out_tail != tty->out_head;
}

int tty_put(struct tty *tty, uint8_t byte)
{
	if (tty_full(tty)) {
		return 0;
	}
	tty->out[tty->out_tail++ % TTY_OUT_SIZE] = byte;
	write_out(tty);
	return 1;
}

static int any_pending(void)
{
	const struct tty *tty = ttys;

	while (tty && !tty_pending(tty)) {
		tty = tty->next;
	}
	return tty != NULL;
}

static void flush_ends(struct loop_request *request, int result)
{
	struct tty *tty;

	(void)request;
	(void)result;
	for (tty = ttys; tty; tty = tty->next) {
		tty->out_head = tty->out_tail; /* the host had its time */
	}
}

void tty_flush(void)
{
	static struct loop_request limit = { .done = flush_ends };
	struct sys_timespec at;

	if (!any_pending() || sys_clock_gettime(SYS_CLOCK_REALTIME, &at) < 0) {
		return;
	}
	at.sec += FLUSH_SECONDS;
	loop_alarm(&limit, &at);
	while (any_pending()) {
		loop_wait();
	}
}

/* -- Input --------------------------------------------------------------- */

static int asks_to_quit(const struct tty *tty, const uint8_t *bytes, long n)
{
	return tty == standard && quit_key != 0 && n > 0 &&
	       memchr(bytes, quit_key, (size_t)n) != NULL;
}

/* Takes the key out of the input; how much is left. */
static long take_status_key(const struct tty *tty, uint8_t *bytes, long n)
{
	long i;
	long left = 0;

	if (tty != standard || status_key == 0) {
		return n;
	}
	for (i = 0; i < n; i++) {
		if (bytes[i] == status_key) {
			(void)!sys_kill(status_pid, SYS_SIGUSR2);
		} else {
			bytes[left++] = bytes[i];
		}
	}
	return left;
}

static void input_ready(struct loop_request *request, int result)
{
	struct tty *tty = (struct tty *)request;
	uint8_t bytes[IN_SIZE];
	unsigned room = tty->client.room(tty->client.ctx);
	long n;

	(void)result;
	tty->in_waiting = 0;
	if (room == 0) {
		return; /* tty_resume() comes back */
	}
	n = sys_read(tty->in_fd, bytes, room < IN_SIZE ? room : IN_SIZE);
	if (n == 0 || (n < 0 && n != -EAGAIN && n != -EINTR)) {
		tty->in_ended = 1;
		return;
	}
	if (asks_to_quit(tty, bytes, n)) {
		log_line("quit key");
		vcpu_stop(EXIT_QUIT);
		return;
	}
	n = take_status_key(tty, bytes, n);
	if (n > 0) {
		tty->client.receive(tty->client.ctx, bytes, (unsigned)n);
	}
	tty_resume(tty);
}

void tty_resume(struct tty *tty)
{
	/* The room first: the device may find now what is wrong with it. */
	if (tty->client.room(tty->client.ctx) > 0 && !tty->in_waiting &&
	    !tty->in_ended) {
		tty->in_waiting = 1;
		loop_poll(&tty->in_poll, tty->in_fd, POLLIN);
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

/* What the config names; not a file or a disk, that output would overwrite. */
static int open_path(const char *path)
{
	struct sys_file_info info;
	long fd = sys_open(path, O_RDWR | O_NONBLOCK | O_NOCTTY);
	long ret = fd < 0 ? fd : sys_file_info((int)fd, &info);

	if (ret >= 0 && !S_ISCHR(info.mode) && !S_ISFIFO(info.mode)) {
		ret = -ENOTTY;
	}
	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "terminal %s: cannot be opened as one (%ld); connect "
			  "it, allow it, or correct the config",
			  path, ret);
	}
	return (int)fd;
}

static void make_raw(struct tty *tty)
{
	struct termios raw;

	if (sys_ioctl(tty->in_fd, TCGETS, tty->saved) < 0) {
		return; /* no terminal: a file, a pipe */
	}
	memcpy(&raw, tty->saved, sizeof(raw));
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				   IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	tty->raw = sys_ioctl(tty->in_fd, TCSETS, &raw) == 0;
}

void tty_restore(void)
{
	struct tty *tty;

	for (tty = ttys; tty; tty = tty->next) {
		if (tty->raw &&
		    sys_ioctl(tty->in_fd, TCSETS, tty->saved) == 0) {
			tty->raw = 0;
		}
	}
}

void tty_open(struct tty *tty, const char *path,
	      const struct tty_client *client)
{
	tty->client = *client;
	tty->in_poll.done = input_ready;
	tty->out_poll.done = output_ready;
	if (*path != '\0') {
		tty->in_fd = open_path(path);
		tty->out_fd = tty->in_fd;
	} else {
		tty->in_fd = reopen(STDIN, O_RDONLY);
		tty->out_fd = reopen(STDOUT, O_WRONLY);
		standard = tty;
	}
	tty->next = ttys;
	ttys = tty;
	log_set_exit_hook(tty_restore);
	make_raw(tty);
	tty_resume(tty);
}

void tty_status_on(int key, int pid)
{
	if (standard && standard->raw) {
		status_key = key;
		status_pid = pid;
	}
}

void tty_quit_on(int key)
{
	if (standard && standard->raw && key != 0) {
		quit_key = key;
		log_line("press Ctrl-%c to quit", key + '@');
	}
}
