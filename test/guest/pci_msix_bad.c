/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X used wrongly: every access to the tables and around them (M48), the
 * capability rewritten (M49, M50), messages to where none belong (M51).
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "pcialive.h"
#include "say.h"
#include "trap.h"
#include "tree.h"
#include "viopci.h"

static struct vdev *const blk = &pci_blk;
static struct msix *x;		/* of blk */

/* ---- M48 to M50: every access ---- */

static int table_content(void)
{
	MUST_PASS(msix_begin());
	msix_control(x, 0);
	for (unsigned int v = 0; v < x->count; v++) {
		for (unsigned int at = 0; at < MSIX_VECTOR_CONTROL; at += 4) {
			msix_write(x, v, at, v << 16 | at << 8 | 0x5c);
		}
		msix_write(x, v, MSIX_VECTOR_CONTROL, 0xffffffff);
	}
	for (unsigned int v = 0; v < x->count; v++) {
		for (unsigned int at = 0; at < MSIX_VECTOR_CONTROL; at += 4) {
			MUST(msix_read(x, v, at) == (v << 16 | at << 8 | 0x5c));
		}
		MUST((msix_read(x, v, MSIX_VECTOR_CONTROL) & 1) == 1);
	}
	/* 64-bit accesses are the other width that 6.8.2 allows. */
	mmio_write64(x->table, 0x1122334455667788);
	MUST(mmio_read64(x->table) == 0x1122334455667788);
	MUST(msix_read(x, 0, MSIX_ADDR_LOW) == 0x55667788);
	return 0;
}

/* A value or an abort; never outside of the BAR's own function. */
static void hammer(uint64_t from, uint64_t to)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint64_t values[] = { 0, ~0ull, 0xa5a5a5a5a5a5a5a5 };
	uint64_t nc = alias_map(from);
	uint64_t value;

	for (uint64_t at = 0; at < to - from; at++) {
		for (unsigned int w = 0; w < NELEM(widths); w++) {
			for (unsigned int v = 0; v < NELEM(values); v++) {
				(void)probe_write(nc + at, widths[w],
						  values[v]);
			}
			(void)probe_read(nc + at, widths[w], &value);
		}
	}
}

static uint64_t bar_end(uint64_t at)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &blk->pci->fn->bar[i];

		if (bar->size != 0 && at - bar->addr < bar->size) {
			return bar->addr + bar->size;
		}
	}
	return at;
}

static int m48_table_and_pba(void)
{
	uint64_t end;

	for (unsigned int enabled = 0; enabled < 2; enabled++) {
		MUST_PASS(msix_begin());
		end = x->table + x->count * MSIX_ENTRY;
		/* With junk in every entry and nothing masked, then all. */
		msix_control(x, enabled == 0 ? 0 : MSIX_CONTROL_ENABLE);
		hammer(x->table, end + 64);
		MUST_PASS(blk_answers(blk));
		hammer(x->pba - 8, x->pba + 64);
		MUST_PASS(blk_answers(blk));
		end = bar_end(x->table);
		hammer(end - 64, end);
		end = bar_end(x->pba);
		hammer(end - 64, end);
		MUST_PASS(blk_answers(blk));
	}
	MUST_PASS(msix_begin());
	MUST_PASS(blk_answers(blk));
	return msix_messages(1);
}

static int m49_capability_rewritten(void)
{
	static const uint32_t values[] = { 0xffffffff, 0, 7, 0xfffffff8, 5 };
	static const unsigned int widths[] = { 1, 2, 4 };
	const struct pci_fn *f = blk->pci->fn;
	uint32_t table, pba, head;

	MUST_PASS(msix_begin());
	head = pci_read(f, x->cap, 2);
	table = pci_read(f, x->cap + MSIX_TABLE, 4);
	pba = pci_read(f, x->cap + MSIX_PBA, 4);
	for (unsigned int v = 0; v < NELEM(values); v++) {
		for (unsigned int at = 0; at < 36; at++) {
			unsigned int width = widths[at / 12];

			if (at % 12 % width == 0) {
				pci_write(f, x->cap + at % 12, width,
					  values[v]);
			}
		}
		MUST(pci_read(f, x->cap, 2) == head);
		MUST(pci_read(f, x->cap + MSIX_TABLE, 4) == table);
		MUST(pci_read(f, x->cap + MSIX_PBA, 4) == pba);
		MUST((pci_read(f, x->cap + MSIX_CONTROL, 2) &
		      MSIX_CONTROL_SIZE) == x->count - 1);
	}
	return m48_table_and_pba();
}

/* Every reserved bit of the control word; of MSI too, where it exists. */
static int m50_msi_qsize_7(void)
{
	const struct pci_fn *f = blk->pci->fn;
	unsigned int msi = pci_cap(f, 0x05, 0);

	MUST_PASS(msix_begin());
	if (msi != 0) {
		pci_write(f, msi + 4, 4, 0x40000000);
		pci_write(f, msi + 2, 2, 0x71);
		MUST_PASS(blk_answers(blk));
		pci_write(f, msi + 2, 2, 0);
	}
	pci_write(f, x->cap + MSIX_CONTROL, 2, 0xffff);
	MUST(pci_read(f, x->cap + MSIX_CONTROL, 2) ==
	     (MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK | (x->count - 1)));
	pci_write(f, x->cap + MSIX_CONTROL, 2, 0xbfff);
	MUST_PASS(blk_answers(blk));
	return msix_messages(1);
}

/* ---- M51 ---- */

/* A message there changes nothing, and the next proper one arrives. */
static int stray(uint64_t addr, uint32_t data)
{
	const struct msi m = { addr, data, 0 };

	msix_set(x, 1, &m);
	MUST_PASS(blk_answers(blk));
	MUST_PASS(msix_messages(0));
	msix_set(x, 1, &blk->pci->queue_msi);
	MUST_PASS(blk_answers(blk));
	return msix_messages(1);
}

static int m51_message_to_ram(void)
{
	static volatile uint32_t words[16];

	MUST_PASS(msix_begin());
	for (unsigned int i = 0; i < 16; i++) {
		words[i] = 0xc5c5c5c5;
	}
	MUST_PASS(stray((uintptr_t)&words[4], 0x12345678));
	MUST_PASS(stray((uintptr_t)&words[8] + 1, 0x12345678));
	for (unsigned int i = 0; i < 16; i++) {
		MUST(words[i] == 0xc5c5c5c5);
	}
	return 0;
}

/* Read-only registers, in case something writes there after all. */
static int m51_message_elsewhere(void)
{
	const uint64_t right = blk->pci->queue_msi.addr;
	const uint64_t addrs[] = {
		0, ram_end(), ram_base() - 4, UART_BASE + UART_FR,
		GIC_DIST + 8, 0x0b000000, x->pba, ~3ull, 1ull << 63,
		right | 1ull << 40, right | 1ull << 63, right + 0x1000,
	};

	MUST_PASS(msix_begin());
	for (unsigned int i = 0; i < NELEM(addrs); i++) {
		MUST_PASS(stray(addrs[i], blk->pci->queue_msi.data));
	}
	return 0;
}

/* The right address, and data that is no event, no SPI of the frame. */
static int m51_message_data(void)
{
	static const uint32_t data[] = { 31, 0xffff, 0x10000, 0xffffffff,
					 27, 1020, 1023, 0x80000000 };

	MUST_PASS(msix_begin());
	for (unsigned int i = 0; i < NELEM(data); i++) {
		MUST_PASS(stray(blk->pci->queue_msi.addr, data[i]));
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "msix_table_content", table_content },
		{ "m48_table_and_pba", m48_table_and_pba },
		{ "m49_capability_rewritten", m49_capability_rewritten },
		{ "m50_msi_qsize_7", m50_msi_qsize_7 },
		{ "m51_message_to_ram", m51_message_to_ram },
		{ "m51_message_elsewhere", m51_message_elsewhere },
		{ "m51_message_data", m51_message_data },
	};

	gic_init();
	MUST_PASS(pci_setup());
	MUST_PASS(msix_begin());
	x = &blk->pci->msix;
	return run_cases(cases, NELEM(cases), pci_alive);
}
