/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions. A synchronous exception that was announced with trap_expect()
 * is recorded and its instruction skipped; any other ends the guest with a
 * FAIL line. IRQs go to gicdrv.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ESR_EC(esr)	((unsigned int)((esr) >> 26) & 0x3f)
#define ESR_FSC(esr)	((unsigned int)(esr) & 0x3f)
#define EC_UNKNOWN	0x00
#define EC_IABT_CUR	0x21
#define EC_DABT_CUR	0x25
#define FSC_EXTERNAL	0x10
#define FSC_ALIGNMENT	0x21
#define FSC_EXCLUSIVE	0x35

/* Written by the vectors in start.S in this order. */
struct frame {
	uint64_t x[31];
	uint64_t elr;
	uint64_t spsr;
	uint64_t unused;
};

struct trap {
	unsigned int count;
	uint64_t esr;
	uint64_t far;
	uint64_t elr;
};

/* From here on synchronous exceptions are recorded. */
void trap_expect(void);

/* No longer; returns what was recorded since trap_expect(). */
struct trap trap_done(void);

/* One access of width 1, 2, 4 or 8; true when it was answered, not aborted. */
bool probe_read(uint64_t addr, unsigned int width, uint64_t *value);
bool probe_write(uint64_t addr, unsigned int width, uint64_t value);

/* What the last probe recorded. */
const struct trap *probe_trap(void);

/* Exactly one data abort, DFSC external, FAR inside [addr, addr + width). */
bool trap_is_external(const struct trap *t, uint64_t addr, unsigned int width);

/* Same bytes as addr (below 1 GiB), but normal non-cacheable: see start.S. */
static inline uint64_t alias(uint64_t addr)
{
	return (384ull << 30) + addr;
}

/* The same for any address, until the next call. */
uint64_t alias_map(uint64_t addr);
