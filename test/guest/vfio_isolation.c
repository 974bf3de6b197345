/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M60: edu is told to write to, and to read from, what is not this guest's RAM.
 * The host's own memory is compared by the test that runs this; here, that
 * nothing of it gets in, that no byte of ours changes, and that all goes on.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "say.h"
#include "tree.h"

#define PAGE		4096u
#define WORDS		(PAGE / 4)
#define MARK		0xbad0da7au	/* what must not be found outside */
#define PATTERN(at)	((at) * 0x9e3779b97f4a7c15ull)
/* The host prints ten faults in five seconds, and each word is one. */
#define PACE_MS		600

static struct edu edu;
static uint32_t page[WORDS] __attribute__((aligned(4096)));

/* Page-aligned, outside of RAM; the host's spare memory is GUEST_SPARE. */
static const uint64_t outside[] = {
	SPARE, SPARE + 0x1000, SPARE + 0x2000000 - 0x1000,
	SPARE + 0x3fff000,		/* the host's last page */
	0, 0x3ffff000, 0x42000000,	/* 0, below RAM, above it */
	0x08000000, 0x08010000, 0x080a0000, /* GIC */
	0x60000000,			/* what the host's kernel uses */
	0x140000000, 0x8000000000, 0xfffffffff000,
};

/* From edu's buffer, which is all MARK. */
static int load_mark(void)
{
	for (unsigned int i = 0; i < WORDS; i++) {
		page[i] = MARK;
	}
	MUST(edu_dma(&edu, (uintptr_t)page, 0, PAGE, 0));
	memset(page, 0, sizeof(page));
	return 0;
}

static void fill_ram(void)
{
	for (uint64_t at = ram_free(); at < ram_end(); at += 8) {
		*(volatile uint64_t *)at = PATTERN(at);
	}
}

static int ram_is_whole(void)
{
	for (uint64_t at = ram_free(); at < ram_end(); at += 8) {
		MUST(*(volatile uint64_t *)at == PATTERN(at));
	}
	return 0;
}

/* The control: the same transfer to RAM does change it. */
static int control_inside(void)
{
	MUST_PASS(load_mark());
	MUST(edu_dma(&edu, (uintptr_t)page, 0, PAGE, EDU_DMA_OUT));
	for (unsigned int i = 0; i < WORDS; i++) {
		MUST(page[i] == MARK);
	}
	return 0;
}

/* A word to each, that the host may report; then a page to each. */
static int m60_writes(void)
{
	uint32_t typer = mmio_read32(GIC_DIST + 4);

	MUST_PASS(load_mark());
	for (unsigned int i = 0; i < NELEM(outside); i++) {
		say("  write to %lx\n", outside[i]);
		MUST(edu_dma(&edu, outside[i], 0, 4, EDU_DMA_OUT));
		delay_us(PACE_MS * 1000);
	}
	for (unsigned int i = 0; i < NELEM(outside); i++) {
		MUST(edu_dma(&edu, outside[i], 0, PAGE, EDU_DMA_OUT));
		MUST_PASS(edu_alive(&edu));
		MUST(mmio_read32(GIC_DIST + 4) == typer);
	}
	return 0;
}

/* What edu has afterwards is not what is there. */
static int m60_reads(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		MUST_PASS(load_mark());
		MUST(edu_dma(&edu, outside[i], 0, PAGE, 0));
		MUST(edu_dma(&edu, (uintptr_t)page, 0, PAGE, EDU_DMA_OUT));
		for (unsigned int k = 0; k < WORDS; k++) {
			MUST(page[k] == MARK || page[k] == 0);
		}
	}
	return 0;
}

/* Over the end of RAM: what is ours is written, the rest is not. */
static int m60_over_the_end(void)
{
	uint64_t half = ram_end() - PAGE / 2;

	MUST_PASS(load_mark());
	MUST(edu_dma(&edu, half, 0, PAGE, EDU_DMA_OUT));
	for (uint64_t at = half; at < ram_end(); at += 8) {
		MUST(*(volatile uint64_t *)at == ((uint64_t)MARK << 32 | MARK));
		*(volatile uint64_t *)at = PATTERN(at);
	}
	return 0;
}

static int after(void)
{
	MUST_PASS(ram_is_whole());
	return cards_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "control_inside", control_inside },
		{ "m60_writes", m60_writes },
		{ "m60_reads", m60_reads },
		{ "m60_over_the_end", m60_over_the_end },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(edu_find(&edu, 0));
	fill_ram();
	return run_cases(cases, NELEM(cases), after);
}
