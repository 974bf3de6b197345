/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses over the last byte of a device (M40), over two devices (M41) and
 * around the ends of RAM (M69): an abort or a value, both devices unharmed.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "trap.h"
#include "tree.h"
#include "vblk.h"

static const unsigned int widths[] = { 1, 2, 4, 8 };
static struct vdev blk;

/* Every access that touches both end - 1 and end. */
static int cross(uint64_t end)
{
	unsigned int aborts = 0;
	unsigned int count = 0;
	uint64_t value;

	for (unsigned int i = 1; i < NELEM(widths); i++) {
		for (unsigned int back = 1; back < widths[i]; back++) {
			uint64_t addr = alias(end - back);

			aborts += !probe_read(addr, widths[i], &value);
			aborts += !probe_write(addr, widths[i], ~0ull);
			count += 2;
		}
	}
	say("  at %lx: %u of %u aborted\n", end, aborts, count);
	return 0;
}

static int m40_device_ends(void)
{
	static const uint64_t ends[] = {
		0x08010000, 0x08020000, 0x080a0000, 0x080c0000, 0x09000000,
		0x09001000, 0x09010000, 0x09011000, 0x0a000000,
		VIO_BASE + 5 * VIO_STRIDE, VIO_BASE + 32 * VIO_STRIDE,
	};

	for (unsigned int i = 0; i < NELEM(ends); i++) {
		MUST_PASS(cross(ends[i]));
	}
	uart_init();
	return 0;
}

static int m41_two_devices(void)
{
	for (unsigned int slot = 1; slot <= SLOT_BLK_OTHER; slot++) {
		MUST_PASS(cross(VIO_BASE + slot * VIO_STRIDE));
	}
	for (unsigned int slot = 0; slot <= SLOT_BLK_OTHER; slot++) {
		MUST(mmio_read32(VIO_BASE + slot * VIO_STRIDE) ==
		     VIRTIO_MAGIC);
	}
	return 0;
}

/* The last bytes of RAM are RAM for every width. */
static int m69_last_bytes(void)
{
	uint64_t value;

	for (unsigned int i = 0; i < NELEM(widths); i++) {
		uint64_t addr = ram_end() - widths[i];
		uint64_t saved;

		MUST(probe_read(addr, widths[i], &saved));
		MUST(probe_write(addr, widths[i], 0x1122334455667788));
		MUST(probe_read(addr, widths[i], &value));
		MUST((value & 0xff) == 0x88);
		MUST(probe_write(addr, widths[i], saved));
	}
	return 0;
}

static int m69_across_end(void)
{
	uint64_t value;

	for (unsigned int i = 1; i < NELEM(widths); i++) {
		for (unsigned int back = 1; back < widths[i]; back++) {
			uint64_t addr = ram_end() - back;

			MUST(!probe_read(addr, widths[i], &value));
			MUST(trap_is_external(probe_trap(), addr, widths[i]));
			MUST(!probe_write(addr, widths[i], ~0ull));
			MUST(trap_is_external(probe_trap(), addr, widths[i]));
		}
	}
	return 0;
}

static int m69_behind_end(void)
{
	static const uint64_t offsets[] = { 0, 8, 0xff8, 0x1000, 2 << 20 };
	uint64_t value;

	for (unsigned int o = 0; o < NELEM(offsets); o++) {
		uint64_t addr = ram_end() + offsets[o];

		for (unsigned int i = 0; i < NELEM(widths); i++) {
			MUST(!probe_read(addr, widths[i], &value));
			MUST(trap_is_external(probe_trap(), addr, widths[i]));
			MUST(!probe_write(addr, widths[i], 0));
			MUST(trap_is_external(probe_trap(), addr, widths[i]));
		}
	}
	return 0;
}

/* LDP over the end: half of it is RAM, and there is no syndrome. */
static int m69_pair_across_end(void)
{
	uint64_t addr = ram_end() - 8;
	struct trap t;

	trap_expect();
	__asm__ volatile("ldp x2, x3, [%0]" : : "r"(addr) : "x2", "x3",
			 "memory");
	t = trap_done();
	MUST(t.count == 1 && ESR_FSC(t.esr) == FSC_EXTERNAL);
	trap_expect();
	__asm__ volatile("ldr q0, [%0]" : : "r"(addr) : "memory");
	t = trap_done();
	MUST(t.count == 1 && ESR_FSC(t.esr) == FSC_EXTERNAL);
	return 0;
}

/* Below RAM lies a PCI window on some machines: an answer is fine. */
static int m69_below_start(void)
{
	uint64_t value;

	for (unsigned int i = 0; i < NELEM(widths); i++) {
		(void)probe_read(ram_base() - widths[i], widths[i], &value);
		(void)probe_write(ram_base() - widths[i], widths[i], 0);
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m40_device_ends", m40_device_ends },
		{ "m41_two_devices", m41_two_devices },
		{ "m69_last_bytes", m69_last_bytes },
		{ "m69_across_end", m69_across_end },
		{ "m69_behind_end", m69_behind_end },
		{ "m69_pair_across_end", m69_pair_across_end },
		{ "m69_below_start", m69_below_start },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
