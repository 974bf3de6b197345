/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses that no device claims: every width, every instruction form that
 * KVM can or cannot decode (M42, M61), instruction fetch (M62), and a flood
 * of them (M67). Each is one external abort for the guest, nothing else.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "trap.h"

#define HOLE		0x0b000000ull	/* above virtio-mmio */
#define HOLE_HIGH	0x2000000000ull	/* 128 GiB */
#define FLOOD		100000

static const unsigned int widths[] = { 1, 2, 4, 8 };

static int widths_at(uint64_t addr)
{
	uint64_t value;

	for (unsigned int i = 0; i < NELEM(widths); i++) {
		MUST(!probe_read(addr, widths[i], &value));
		MUST(trap_is_external(probe_trap(), addr, widths[i]));
		MUST(!probe_write(addr, widths[i], ~0ull));
		MUST(trap_is_external(probe_trap(), addr, widths[i]));
	}
	return 0;
}

static int m42_widths(void)
{
	MUST_PASS(widths_at(HOLE));
	MUST_PASS(widths_at(HOLE + 0x1000 - 8));
	MUST_PASS(widths_at(HOLE_HIGH));
	return 0;
}

/* Where a null pointer goes; boards with flash there answer. */
static int m42_null(void)
{
	uint64_t value;

	if (!probe_read(0, 8, &value)) {
		MUST_PASS(widths_at(0));
	}
	return 0;
}

static int m42_unaligned(void)
{
	uint64_t addr = alias(HOLE) + 0xffd;
	uint64_t value;

	for (unsigned int i = 1; i < NELEM(widths); i++) {
		MUST(!probe_read(addr, widths[i], &value));
		MUST(trap_is_external(probe_trap(), addr, widths[i]));
		MUST(!probe_write(addr, widths[i], 0));
		MUST(trap_is_external(probe_trap(), addr, widths[i]));
	}
	return 0;
}

/*
 * One instruction on an unmapped address, no operand changed by the abort.
 * Device memory may refuse some of them at stage 1 already; that counts.
 */
#define FORM(name, insn)						\
static int name(void)							\
{									\
	uint64_t base = alias(HOLE) + 0x100;				\
	uint64_t addr = base;						\
	struct trap t;							\
									\
	trap_expect();							\
	__asm__ volatile(".arch_extension lse\n\t"			\
			 ".arch_extension fp\n\t"			\
			 insn						\
			 : "+r"(addr) : "r"(0ull)			\
			 : "x2", "x3", "x4", "memory");			\
	t = trap_done();						\
	MUST(t.count == 1);						\
	MUST(ESR_EC(t.esr) == EC_DABT_CUR);				\
	MUST(ESR_FSC(t.esr) == FSC_EXTERNAL ||				\
	     ESR_FSC(t.esr) == FSC_ALIGNMENT ||				\
	     ESR_FSC(t.esr) == FSC_EXCLUSIVE);				\
	MUST(t.far - (base & ~63ull) < 192);				\
	MUST(addr == base);						\
	return 0;							\
}

FORM(m61_ldp, "ldp x2, x3, [%0]")
FORM(m61_stp, "stp %1, %1, [%0]")
FORM(m61_ldr_post, "ldr x2, [%0], #8")
FORM(m61_str_post, "str %1, [%0], #8")
FORM(m61_ldr_pre, "ldr x2, [%0, #8]!")
FORM(m61_ldpsw, "ldpsw x2, x3, [%0]")
FORM(m61_ldr_q, "ldr q0, [%0]")
FORM(m61_str_q, "str q0, [%0]")
FORM(m61_ld1, "ld1 {v0.16b}, [%0]")
FORM(m61_ldxr, "ldxr x2, [%0]")
FORM(m61_ldaxp, "ldaxp x2, x3, [%0]")
FORM(m61_dc_zva, "dc zva, %0")

static int m61_ldadd(void);
FORM(ldadd, "ldadd %1, x2, [%0]")
FORM(swp, "swp %1, x2, [%0]")
FORM(cas, "mov x2, xzr\n\tcas x2, %1, [%0]")

static int m61_ldadd(void)
{
	if ((sysreg_read("id_aa64isar0_el1") >> 20 & 15) == 0) {
		say("  no LSE atomics here\n");
		return 0;
	}
	MUST_PASS(ldadd());
	MUST_PASS(swp());
	return 0;
}

/* CAS: the skipped instruction is the second of the statement. */
static int m61_cas(void)
{
	if ((sysreg_read("id_aa64isar0_el1") >> 20 & 15) == 0) {
		say("  no LSE atomics here\n");
		return 0;
	}
	return cas();
}

/* The store part of an exclusive pair fails or aborts, never hangs. */
static int m61_stxr(void)
{
	uint64_t word = 0;
	uint32_t failed;
	struct trap t;

	trap_expect();
	__asm__ volatile("ldxr x2, [%1]\n\tstxr %w0, x2, [%2]"
			 : "=&r"(failed) : "r"(&word), "r"(alias(HOLE))
			 : "x2", "memory");
	t = trap_done();
	MUST(t.count == 1 || failed == 1);
	return 0;
}

/* Cache maintenance has no data: an abort or nothing. */
static int m61_cache_maintenance(void)
{
	trap_expect();
	__asm__ volatile("dc civac, %0\n\tdc cvac, %0\n\tdc ivac, %0\n\t"
			 "ic ivau, %0\n\tprfm pldl1keep, [%0]"
			 : : "r"(alias(HOLE)) : "memory");
	MUST(trap_done().count <= 5);
	return 0;
}

/* The same instructions on a device that exists. */
static int m61_on_device(void)
{
	uint64_t uart = UART_BASE + 0x2c;
	uint64_t addr;
	struct trap t;

	trap_expect();
	__asm__ volatile("ldp w2, w3, [%0]" : : "r"(uart & ~7ull)
			 : "x2", "x3", "memory");
	t = trap_done();
	MUST(t.count <= 1);
	addr = uart;
	trap_expect();
	__asm__ volatile("ldr w2, [%0], #4" : "+r"(addr) : : "x2", "memory");
	t = trap_done();
	MUST(t.count == 1 ? addr == uart : addr == uart + 4);
	trap_expect();
	__asm__ volatile("ldxr w2, [%0]" : : "r"(alias(uart)) : "x2",
			 "memory");
	MUST(trap_done().count <= 1);
	return 0;
}

static int fetch(uint64_t addr)
{
	void (*target)(void) = (void (*)(void))addr;
	struct trap t;

	trap_expect();
	target();
	t = trap_done();
	/* Where a device can be fetched from: undefined, then the abort. */
	MUST(t.count == 1 || t.count == 2);
	MUST(ESR_EC(t.esr) == EC_IABT_CUR);
	MUST(t.elr == addr + 4 * (t.count - 1));
	say("  fetch %lx: esr %lx\n", addr, t.esr);
	return 0;
}

static int m62_fetch_unmapped(void)
{
	return fetch(alias(HOLE));
}

static int m62_fetch_device(void)
{
	return fetch(alias(UART_BASE + 0xffc));
}

static int m67_flood(void)
{
	unsigned int aborts = 0;
	uint64_t value;

	for (unsigned int i = 0; i < FLOOD; i++) {
		unsigned int width = widths[i & 3];

		if ((i & 4) != 0) {
			aborts += !probe_write(HOLE + 8 * (i & 0xff), width, i);
		} else {
			aborts += !probe_read(HOLE + 8 * (i & 0xff), width,
					      &value);
		}
	}
	MUST(aborts == FLOOD);
	return 0;
}

/* Accesses without syndrome take another path through the VMM. */
static int m67_flood_no_syndrome(void)
{
	uint64_t addr = HOLE;
	unsigned int aborts = 0;

	for (unsigned int i = 0; i < FLOOD / 10; i++) {
		trap_expect();
		__asm__ volatile("ldp x2, x3, [%0]" : : "r"(addr)
				 : "x2", "x3", "memory");
		aborts += trap_done().count;
	}
	MUST(aborts == FLOOD / 10);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m42_widths", m42_widths },
		{ "m42_null", m42_null },
		{ "m42_unaligned", m42_unaligned },
		{ "m61_ldp", m61_ldp },
		{ "m61_stp", m61_stp },
		{ "m61_ldr_post", m61_ldr_post },
		{ "m61_str_post", m61_str_post },
		{ "m61_ldr_pre", m61_ldr_pre },
		{ "m61_ldpsw", m61_ldpsw },
		{ "m61_ldr_q", m61_ldr_q },
		{ "m61_str_q", m61_str_q },
		{ "m61_ld1", m61_ld1 },
		{ "m61_ldxr", m61_ldxr },
		{ "m61_ldaxp", m61_ldaxp },
		{ "m61_stxr", m61_stxr },
		{ "m61_ldadd_swp", m61_ldadd },
		{ "m61_cas", m61_cas },
		{ "m61_dc_zva", m61_dc_zva },
		{ "m61_cache_maintenance", m61_cache_maintenance },
		{ "m61_on_device", m61_on_device },
		{ "m62_fetch_unmapped", m62_fetch_unmapped },
		{ "m62_fetch_device", m62_fetch_device },
		{ "m67_flood", m67_flood },
		{ "m67_flood_no_syndrome", m67_flood_no_syndrome },
	};

	return run_cases(cases, NELEM(cases), NULL);
}
