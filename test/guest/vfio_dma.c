/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DMA of a function of the host: edu's engine, both ways, everywhere in RAM,
 * its first and its last byte included.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "tree.h"

#define PAGE	4096u
#define WORDS	(PAGE / 4)

static struct edu edu;
static uint32_t out[WORDS] __attribute__((aligned(4096)));
static uint32_t in[WORDS] __attribute__((aligned(4096)));
static uint32_t kept[WORDS] __attribute__((aligned(4096)));
static volatile unsigned int taken;

static void on_intx(void)
{
	taken++;
	edu_acknowledge(&edu);
}

static uint32_t sum(const uint32_t *at, unsigned int bytes)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < bytes / 4; i++) {
		value = (value << 1 | value >> 31) ^ at[i];
	}
	return value;
}

static void fill(uint32_t *at)
{
	for (unsigned int i = 0; i < WORDS; i++) {
		at[i] = prng();
	}
}

/* Memory to edu and from there to other memory. */
static int copy(uint32_t *to, const uint32_t *from, unsigned int at,
		unsigned int bytes)
{
	uint32_t before = sum(from, bytes);

	memset(to, 0xee, bytes);
	MUST(edu_dma(&edu, (uintptr_t)from, at, bytes, 0));
	MUST(edu_dma(&edu, (uintptr_t)to, at, bytes, EDU_DMA_OUT));
	MUST(sum(to, bytes) == before);
	MUST(sum(from, bytes) == before);
	return 0;
}

static int both_ways(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		fill(out);
		MUST_PASS(copy(in, out, 0, PAGE));
		MUST_PASS(copy(in, out, 16 * i, 1024));
	}
	return 0;
}

/* Not a byte more than was asked for. */
static int lengths(void)
{
	static const unsigned int bytes[] = { 4, 12, 64, 1000, 4092 };

	fill(out);
	for (unsigned int i = 0; i < NELEM(bytes); i++) {
		unsigned int n = bytes[i];

		memset(in, 0xcc, sizeof(in));
		MUST(edu_dma(&edu, (uintptr_t)out, 0, n, 0));
		MUST(edu_dma(&edu, (uintptr_t)in, 0, n, EDU_DMA_OUT));
		MUST(memcmp(in, out, n) == 0);
		for (unsigned int k = n / 4; k < WORDS; k++) {
			MUST(in[k] == 0xcccccccc);
		}
	}
	return 0;
}

/* A page of RAM that may be in use: its content is put back. */
static int page_at(uint64_t at)
{
	uint32_t *page = (uint32_t *)at;
	int code;

	memcpy(kept, page, PAGE);
	fill(out);
	code = copy(page, out, 0, PAGE);
	if (code == 0) {
		fill(page);
		code = copy(in, page, 0, PAGE);
	}
	memcpy(page, kept, PAGE);
	return code;
}

static int first_and_last_page(void)
{
	MUST_PASS(page_at(ram_base()));
	MUST_PASS(page_at(ram_end() - PAGE));
	/* Both sides of each border between pages of the host. */
	MUST_PASS(page_at(ram_base() + 0x1000000 - PAGE));
	MUST_PASS(page_at(ram_base() + 0x1000000));
	return page_at(ram_base() + 0x1200000 - PAGE / 2);
}

static int interrupt_at_the_end(void)
{
	uint64_t end;

	gic_enable(pci_intx(edu.fn), false, on_intx);
	pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
	irq_take();
	taken = 0;
	fill(out);
	for (unsigned int i = 1; i <= 5; i++) {
		memset(in, 0, sizeof(in));
		MUST(edu_dma(&edu, (uintptr_t)out, 0, PAGE, 0));
		irq_take();
		MUST(taken == i - 1);
		edu_dma_start(&edu, (uintptr_t)in, 0, PAGE,
			      EDU_DMA_OUT | EDU_DMA_IRQ);
		end = counter() + counter_ms(3000);
		while (taken < i && counter() < end) {
			irq_take();
		}
		MUST(taken == i);
		MUST(memcmp(in, out, PAGE) == 0);
	}
	return 0;
}

/* Without bus mastering nothing moves, and with it all does again. */
static int bus_master(void)
{
	fill(out);
	memset(in, 0xee, sizeof(in));
	MUST(edu_dma(&edu, (uintptr_t)out, 0, PAGE, 0));
	pci_disable(edu.fn, PCI_COMMAND_MASTER);
	MUST(edu_dma(&edu, (uintptr_t)in, 0, PAGE, EDU_DMA_OUT));
	for (unsigned int k = 0; k < WORDS; k++) {
		MUST(in[k] == 0xeeeeeeee);
	}
	pci_enable(edu.fn, PCI_COMMAND_MASTER);
	return copy(in, out, 0, PAGE);
}

static int after(void)
{
	gic_disable(pci_intx(edu.fn));
	return cards_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "dma_both_ways", both_ways },
		{ "dma_lengths", lengths },
		{ "dma_first_and_last_page", first_and_last_page },
		{ "dma_interrupt_at_the_end", interrupt_at_the_end },
		{ "dma_bus_master", bus_master },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(edu_find(&edu, 0));
	return run_cases(cases, NELEM(cases), after);
}
