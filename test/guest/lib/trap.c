/* SPDX-License-Identifier: Apache-2.0 */
/* Exception entry from start.S, expected aborts, probing accesses. */
#include "trap.h"

#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"

#define VECTOR_SYNC	4
#define VECTOR_IRQ	5
#define ALIAS_SLOT	385	/* of level_1_low in start.S, and the next */

extern uint64_t level_1_low[];

void trap_handle(struct frame *frame, unsigned int vector);

static volatile bool expecting;
static volatile bool dying;
static struct trap seen;
static struct trap last_probe;

void trap_expect(void)
{
	seen = (struct trap){ 0 };
	expecting = true;
	isb();
}

struct trap trap_done(void)
{
	dsb();
	isb();
	expecting = false;
	return seen;
}

static void record(struct frame *frame, uint64_t esr)
{
	seen.count++;
	seen.esr = esr;
	seen.far = sysreg_read("far_el1");
	seen.elr = frame->elr;
	/* A failed fetch was a call: go back to the caller. */
	frame->elr = ESR_EC(esr) == EC_IABT_CUR ? frame->x[30]
						: frame->elr + 4;
}

static void die(const struct frame *frame, unsigned int vector, uint64_t esr)
{
	if (!dying) {
		dying = true;
		say("FAIL %s unexpected exception %u esr %lx far %lx pc %lx "
		    "lr %lx\n", guest_name, vector, esr,
		    sysreg_read("far_el1"), frame->elr, frame->x[30]);
	}
	guest_off();
}

void trap_handle(struct frame *frame, unsigned int vector)
{
	uint64_t esr = sysreg_read("esr_el1");

	if (vector == VECTOR_IRQ) {
		gic_dispatch();
	} else if (vector == VECTOR_SYNC && expecting) {
		record(frame, esr);
	} else {
		die(frame, vector, esr);
	}
}

static uint64_t read_width(uint64_t addr, unsigned int width)
{
	switch (width) {
	case 1:
		return mmio_read8(addr);
	case 2:
		return mmio_read16(addr);
	case 4:
		return mmio_read32(addr);
	default:
		return mmio_read64(addr);
	}
}

static void write_width(uint64_t addr, unsigned int width, uint64_t value)
{
	switch (width) {
	case 1:
		mmio_write8(addr, (uint8_t)value);
		break;
	case 2:
		mmio_write16(addr, (uint16_t)value);
		break;
	case 4:
		mmio_write32(addr, (uint32_t)value);
		break;
	default:
		mmio_write64(addr, value);
		break;
	}
}

bool probe_read(uint64_t addr, unsigned int width, uint64_t *value)
{
	trap_expect();
	*value = read_width(addr, width);
	last_probe = trap_done();
	return last_probe.count == 0;
}

bool probe_write(uint64_t addr, unsigned int width, uint64_t value)
{
	trap_expect();
	write_width(addr, width, value);
	last_probe = trap_done();
	return last_probe.count == 0;
}

const struct trap *probe_trap(void)
{
	return &last_probe;
}

bool trap_is_external(const struct trap *t, uint64_t addr, unsigned int width)
{
	return t->count == 1 && ESR_EC(t->esr) == EC_DABT_CUR &&
	       ESR_FSC(t->esr) == FSC_EXTERNAL &&
	       t->far - addr < width;
}

/* Two blocks, so that an access may go over the end of the first. */
uint64_t alias_map(uint64_t addr)
{
	uint64_t nc = level_1_low[ALIAS_SLOT - 1];
	volatile uint64_t *slot = &level_1_low[ALIAS_SLOT];

	for (unsigned int i = 0; i < 2; i++) {
		slot[i] = 0;
		dsb();
		__asm__ volatile("tlbi vmalle1\n\tdsb sy\n\tisb"
				 : : : "memory");
		slot[i] = nc + (addr & ~0x3fffffffull) + ((uint64_t)i << 30);
	}
	dsb();
	isb();
	return ((uint64_t)ALIAS_SLOT << 30) + (addr & 0x3fffffff);
}
