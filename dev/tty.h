/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host terminals, one a device: raw while the guest runs, never blocking,
 * never losing a byte in either direction. The standard one is what standard
 * input and output are.
 */
#pragma once

#include <stdint.h>

#include "core/loop.h"

#define TTY_OUT_SIZE 256 /* bytes of tty_put() that wait; a power of two */
#define TTY_TERMIOS_WORDS 9 /* of the kernel's struct termios */

/* The device that a terminal belongs to. */
struct tty_client {
	/* How many more bytes of input fit. */
	unsigned (*room)(void *ctx);
	/* At most that many bytes arrived. */
	void (*receive)(void *ctx, const uint8_t *bytes, unsigned n);
	/* The host takes output again; the buffer of tty_put() has room. */
	void (*drained)(void *ctx);
	void *ctx;
};

/* Owned by the device, zero before tty_open(), in place until the end. */
struct tty {
	struct loop_request in_poll; /* first: the loop hands us this */
	struct loop_request out_poll;
	struct tty_client client;
	struct tty *next; /* of all that are open */
	uint32_t saved[TTY_TERMIOS_WORDS];
	int raw; /* saved is valid, the terminal is ours */
	int in_fd;
	int out_fd;
	int in_waiting;
	int out_waiting;
	int in_ended;
	int gone; /* hung up: takes everything */
	uint8_t out[TTY_OUT_SIZE];
	unsigned out_head; /* next to write to the host */
	unsigned out_tail;
};

/*
 * Opens a terminal and starts to read: path is a character device or a FIFO,
 * or NULL for the standard terminal. Ends the process with EXIT_HOST if it is
 * neither or cannot be opened.
 */
void tty_open(struct tty *tty, const char *path,
	      const struct tty_client *client);

/* Queues a byte for output: 1, or 0 if the host does not keep up. */
int tty_put(struct tty *tty, uint8_t byte);
int tty_full(const struct tty *tty);
/* True while the host has not taken all that was put. */
int tty_pending(const struct tty *tty);
/*
 * Output without the buffer: how many of the bytes the host took. If not all,
 * drained() follows. A device uses this or tty_put().
 */
MUST_CHECK unsigned tty_write(struct tty *tty, const uint8_t *bytes,
			      unsigned n);
/* Asks for drained(), from the event loop. */
void tty_await(struct tty *tty);
/* room() has grown: go on reading. */
void tty_resume(struct tty *tty);

/* Waits, for at most two seconds, until hosts have taken all that was put. */
void tty_flush(void);
/* That control character on the standard terminal ends the process; 0: none. */
void tty_quit_on(int key);
/*
 * That key on the standard terminal, which the device does not see, asks the
 * process with that number for its status (SIGUSR2). 0: none.
 */
void tty_status_on(int key, int pid);
/* Gives all terminals back as they were found; any number of times. */
void tty_restore(void);
