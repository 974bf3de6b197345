/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host terminal on standard input and output: raw while the guest runs,
 * never blocking, never losing a byte in either direction.
 */
#pragma once

#include <stdint.h>

/* The one device that the terminal belongs to. */
struct tty_client {
	/* How many more bytes of input fit. */
	unsigned (*room)(void *ctx);
	/* At most that many bytes arrived. */
	void (*receive)(void *ctx, const uint8_t *bytes, unsigned n);
	/* tty_put() would succeed again. */
	void (*drained)(void *ctx);
	void *ctx;
};

void tty_init(const struct tty_client *client);

/* Queues a byte for output: 1, or 0 if the host does not keep up. */
int tty_put(uint8_t byte);
int tty_full(void);
/* True while the host has not taken all that was put. */
int tty_pending(void);
/* Waits, for at most two seconds, until the host has taken all output. */
void tty_flush(void);
/* room() has grown: go on reading. */
void tty_resume(void);
/* From a terminal, that control character ends the process; 0: none does. */
void tty_quit_on(int key);
/* Gives the terminal back as it was found; any number of times. */
void tty_restore(void);
