/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the guest's trapped accesses to the devices that claimed a
 * window. Width and alignment are checked here, for all of them.
 */
#pragma once

#include <stdint.h>

/* Access widths that a window answers, in bytes, or-ed. */
#define MMIO_1 1u
#define MMIO_2 2u
#define MMIO_4 4u
#define MMIO_8 8u

struct mmio_access {
	uint64_t offset; /* from the start of the window, in bytes */
	uint64_t value; /* written, or to be filled in by a read */
	unsigned size; /* 1, 2, 4 or 8 bytes, aligned, inside of the window */
	int write;
};

/* Writes one half of a register of 64 bits. */
static inline void mmio_set_half(uint64_t *reg, int high, uint32_t value)
{
	unsigned shift = high ? 32 : 0;

	*reg &= ~(0xffffffffull << shift);
	*reg |= (uint64_t)value << shift;
}

typedef void (*mmio_handler)(void *ctx, struct mmio_access *access);

struct mmio_window {
	uint64_t gpa;
	uint64_t size;
	unsigned widths; /* for the handler; others read 0, are dropped */
	mmio_handler handler;
	void *ctx;
};

/* Adds a window; the config proved that windows do not overlap. */
void mmio_claim(const struct mmio_window *window);

/*
 * Answers one access at gpa. Returns 1 if it was answered, 0 if nobody claims
 * all of its bytes: the guest gets an external abort.
 */
int mmio_dispatch(uint64_t gpa, struct mmio_access *access);

/*
 * Guest writes of value at gpa signal the eventfd fd inside the kernel, without
 * an exit (ioeventfd). size: 1, 2, 4, 8, or 0 for any width and any value.
 * Where the kernel refuses, they go on to exit, to the window's handler.
 */
void mmio_bind(uint64_t gpa, unsigned size, uint64_t value, int fd);
void mmio_unbind(uint64_t gpa, unsigned size, uint64_t value, int fd);
