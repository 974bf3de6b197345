/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M59: the guest resets with transfers of edu and an NVMe under way, RESETS
 * times. What it fills RAM with after that stays as it is. edu itself cannot be
 * reset: what it was told it does 100 ms later, when it may, so that the next
 * guest lets it master the bus only after that.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "memo.h"
#include "nvme.h"
#include "psci.h"
#include "tree.h"

#define EDU_DELAY_MS	120
#define PATTERN(at)	((at) * 0x9e3779b97f4a7c15ull)

static struct edu edu;
static struct nvme nvme;

static int fill_and_look(void)
{
	uint64_t start = counter();

	for (uint64_t at = ram_free(); at < ram_end(); at += 8) {
		*(volatile uint64_t *)at = PATTERN(at);
	}
	while (counter() < start + counter_ms(EDU_DELAY_MS)) {
	}
	MUST(edu_find(&edu, 0));
	MUST(nvme_find(&nvme, 0));
	delay_us(5000);
	for (uint64_t at = ram_free(); at < ram_end(); at += 8) {
		MUST(*(volatile uint64_t *)at == PATTERN(at));
	}
	return 0;
}

/* Into RAM that the next guest will look at; all under way when we end. */
static int begin_transfers(uint64_t boot)
{
	static uint64_t list[32] __attribute__((aligned(4096)));
	uint64_t to = ram_free() + 0x100000 * (boot % 16);

	MUST_PASS(edu_alive(&edu));
	MUST(nvme_answers(&nvme));
	MUST(nvme_make_io(&nvme, NVME_POLLED) == 0);
	for (unsigned int i = 0; i < NELEM(list); i++) {
		list[i] = to + 0x1000ull * (i + 1);
	}
	edu_dma_start(&edu, to + 0x80000, 0, 4096, EDU_DMA_OUT);
	for (unsigned int i = 0; i < 16; i++) {
		nvme_submit(&nvme, &nvme.io, 2, to, (uintptr_t)list, 256 * i, 0,
			    255);
	}
	delay_us(boot % 8 * 100);
	return 0;
}

/* The control: without a reset both would have been seen. */
static int transfers_arrive(uint64_t boot)
{
	uint64_t to = ram_free() + 0x100000 * (boot % 16);
	volatile uint64_t *nvmes = (uint64_t *)to;
	volatile uint64_t *edus = (uint64_t *)(to + 0x80000);

	MUST_PASS(begin_transfers(boot));
	delay_us(2 * EDU_DELAY_MS * 1000);
	MUST(*nvmes != PATTERN(to));
	MUST(*edus != PATTERN(to + 0x80000));
	return 0;
}

int main(void)
{
	struct memo m;

	gic_init();
	pci_init();	/* the device tree is in what is filled */
	MUST_PASS(memo_load(&m));
	MUST_PASS(fill_and_look());
	if (m.boots == RESETS) {
		MUST_PASS(memo_clear());
		MUST_PASS(transfers_arrive(m.boots));
		return cards_setup();
	}
	m.boots++;
	MUST_PASS(memo_save(&m));
	MUST_PASS(begin_transfers(m.boots));
	(void)psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
	return __LINE__;
}
