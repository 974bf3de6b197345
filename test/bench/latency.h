/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guests that measure interrupts and accesses have in common. The same
 * programs run as guests and, as the board's kernel, natively. They spin.
 */
#pragma once

#include <stdint.h>

/* A device that interrupts when it is told to; raise.S knows the layout. */
struct line {
	/* Registers whose writes raise the interrupt and lower it. */
	uint64_t raise;
	uint64_t lower;
	uint32_t raise_value;
	uint32_t lower_value;
	/* GICv2's CPU interface; 0: GICv3's system registers. */
	uint64_t gic_cpu;
	/* So many handlers leave the line as it is; the next one lowers it. */
	uint64_t again;
	unsigned int intid;
};

/* From just before the store that raises the line, or the EOI that leaves it
 * raised, to the first instruction of the last handler, in ticks of the
 * counter. */
uint64_t raise(const struct line *line, uint32_t *intid);

/* What a mark itself costs: the difference of two. */
void measure_marks(void);

/* Says the median of what once() measures, as often as it was called: see
 * runner.c. once() returns 0 or a line. */
int measure(const char *name, int (*once)(const void *ctx, uint64_t *ticks),
	    const void *ctx);

int measure_line(const char *name, const struct line *line);
