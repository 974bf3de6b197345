/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All functions of the host that are in the machine at the same time: edu
 * interrupts and does DMA while each NVMe does both. Wherever they are: alone,
 * in one device, behind a port.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "msix.h"
#include "nvme.h"
#include "say.h"

#define PAGE	4096u
#define MOST	2u
#define ROUNDS	20u

static struct edu edu;
static struct nvme nvmes[MOST];
static unsigned int count;
static volatile unsigned int edu_taken;
static volatile unsigned int nvme_taken[MOST];
static uint8_t edu_page[PAGE] __attribute__((aligned(4096)));
static uint8_t pages[MOST][PAGE] __attribute__((aligned(4096)));
static uint8_t back[PAGE] __attribute__((aligned(4096)));

static void on_edu(void)
{
	edu_acknowledge(&edu);
	edu_taken++;
}

/* Level: asserted until the completion is taken. */
static void on_nvme(unsigned int i)
{
	if (nvme_completed(&nvmes[i].io)) {
		(void)nvme_complete(&nvmes[i], &nvmes[i].io);
		nvme_taken[i]++;
	}
}

static void on_nvme0(void)
{
	on_nvme(0);
}

static void on_nvme1(void)
{
	on_nvme(1);
}

static bool wait_for(volatile unsigned int *what, unsigned int value)
{
	uint64_t end = counter() + counter_ms(3000);

	while (*what < value && counter() < end) {
		irq_take();
	}
	return *what == value;
}

static void fill(uint8_t *page)
{
	for (unsigned int i = 0; i < PAGE; i++) {
		page[i] = (uint8_t)prng();
	}
}

static void enable_edu(void)
{
	edu_on(&edu);
	gic_enable(pci_intx(edu.fn), false, on_edu);
	pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
	irq_take();
	edu_taken = 0;
}

/* The n-th write of each NVMe and transfer of edu, all under way together. */
static void begin_round(void)
{
	for (unsigned int i = 0; i < count; i++) {
		fill(pages[i]);
	}
	fill(edu_page);
	edu_dma_start(&edu, (uintptr_t)edu_page, 0, PAGE, EDU_DMA_IRQ);
	for (unsigned int i = 0; i < count; i++) {
		nvme_submit(&nvmes[i], &nvmes[i].io, 1, (uintptr_t)pages[i], 0,
			    64, 0, PAGE / NVME_BLOCK - 1);
	}
}

static int check_data(void)
{
	MUST(edu_dma(&edu, (uintptr_t)back, 0, PAGE, EDU_DMA_OUT));
	MUST(memcmp(back, edu_page, PAGE) == 0);
	return 0;
}

static int registers(void)
{
	MUST_PASS(edu_alive(&edu));
	for (unsigned int i = 0; i < count; i++) {
		MUST_PASS(nvme_alive(&nvmes[i]));
		MUST(pci_intx(nvmes[i].fn) != pci_intx(edu.fn));
	}
	return 0;
}

static int with_intx(void)
{
	static void (*const handlers[])(void) = { on_nvme0, on_nvme1 };

	enable_edu();
	for (unsigned int i = 0; i < count; i++) {
		MUST(nvme_start(&nvmes[i]));
		/* Pin-based, completions by queue 1 as vector 0 */
		MUST(nvme_make_io(&nvmes[i], 0) == 0);
		nvme_taken[i] = 0;
		gic_enable(pci_intx(nvmes[i].fn), false, handlers[i]);
		pci_disable(nvmes[i].fn, PCI_COMMAND_INTX_OFF);
	}
	for (unsigned int n = 1; n <= ROUNDS; n++) {
		begin_round();
		for (unsigned int i = 0; i < count; i++) {
			MUST(wait_for(&nvme_taken[i], n));
		}
		MUST(wait_for(&edu_taken, n));
		MUST_PASS(check_data());
	}
	MUST(edu_taken == ROUNDS);
	return 0;
}

static int with_messages(void)
{
	static struct msi m[MOST];
	static struct msix x[MOST];

	enable_edu();
	for (unsigned int i = 0; i < count; i++) {
		MUST(nvme_start(&nvmes[i]));
		MUST(msix_find(&x[i], nvmes[i].fn));
		m[i] = msi_new(nvmes[i].fn);
		MUST(m[i].intid != 0);
		msix_set(&x[i], 1, &m[i]);
		msix_control(&x[i], MSIX_CONTROL_ENABLE);
		MUST(nvme_make_io(&nvmes[i], 1) == 0);
	}
	for (unsigned int n = 1; n <= ROUNDS; n++) {
		begin_round();
		for (unsigned int i = 0; i < count; i++) {
			MUST(msi_wait(&m[i], 2 * n - 1));
			MUST(nvme_complete(&nvmes[i], &nvmes[i].io) == 0);
		}
		MUST(wait_for(&edu_taken, n));
		MUST_PASS(check_data());
		for (unsigned int i = 0; i < count; i++) {
			MUST(nvme_move(&nvmes[i], false, 64, back, PAGE) == 0);
			MUST(memcmp(back, pages[i], PAGE) == 0);
			MUST(msi_wait(&m[i], 2 * n));
		}
	}
	return 0;
}

static int after(void)
{
	gic_disable(pci_intx(edu.fn));
	for (unsigned int i = 0; i < count; i++) {
		gic_disable(pci_intx(nvmes[i].fn));
	}
	return cards_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "pair_registers", registers },
		{ "pair_intx", with_intx },
		{ "pair_messages", with_messages },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(edu_find(&edu, 0));
	while (count < MOST && nvme_find(&nvmes[count], count)) {
		count++;
	}
	say("  %u NVMes\n", count);
	/* Only a machine of three functions has one. */
	MUST(count == MOST || pci_fn(3) == NULL);
	return run_cases(cases, NELEM(cases), after);
}
