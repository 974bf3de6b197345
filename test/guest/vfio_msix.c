/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X of a function of the host (PCI Local Bus 3.0, 6.8.2): an NVMe sends
 * one message for each completion of an admin command.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "gicdrv.h"
#include "msix.h"
#include "nvme.h"
#include "say.h"
#include "trap.h"

static struct nvme nvme;
static struct msix x;
static struct msi_pair pair;

static int arrived(unsigned int of_first, unsigned int of_second)
{
	MUST(msi_pair_arrived(&pair, of_first, of_second));
	return 0;
}

static int quiet(void)
{
	MUST(msi_pair_quiet(&pair));
	return 0;
}

/* Vector 0, the admin queue's, programmed; messages on; all others masked. */
static int begin(void)
{
	MUST(nvme_start(&nvme));
	for (unsigned int v = 0; v < x.count; v++) {
		msix_mask(&x, v, true);
	}
	msix_set(&x, 0, &pair.first);
	msix_control(&x, MSIX_CONTROL_ENABLE);
	delay_us(5000);		/* what the last case has left pending */
	msi_pair_begin(&pair);
	return 0;
}

static bool wait_pending(unsigned int vector)
{
	uint64_t end = counter() + counter_ms(3000);

	while (!msix_pending(&x, vector) && counter() < end) {
	}
	return msix_pending(&x, vector);
}

static int before_enable(void)
{
	MUST(nvme_start(&nvme));
	msix_set(&x, 0, &pair.first);
	for (unsigned int i = 0; i < 5; i++) {
		MUST(nvme_answers(&nvme));
	}
	return quiet();
}

static int in_a_row(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < INTERRUPTS; i++) {
		MUST(nvme_answers(&nvme));
		MUST_PASS(arrived(1, 0));
	}
	return quiet();
}

static int rewritten(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 100; i++) {
		const struct msi *m = i % 2 == 0 ? &pair.second : &pair.first;

		/* Whole, masked; or while open, one word of it. */
		if (i % 4 < 2) {
			msix_set(&x, 0, m);
		} else {
			msix_write(&x, 0, MSIX_DATA, m->data);
		}
		MUST(nvme_answers(&nvme));
		MUST_PASS(arrived(i % 2, 1 - i % 2));
	}
	return quiet();
}

/* Pending while masked; delivered once, however many there were. */
static int masked(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 50; i++) {
		MUST(!msix_pending(&x, 0));
		msix_mask(&x, 0, true);
		MUST(nvme_answers(&nvme));
		MUST(wait_pending(0));
		if (i % 10 == 0) {
			MUST(nvme_answers(&nvme));
			MUST(nvme_answers(&nvme));
			delay_us(100000); /* the host takes note of each */
		}
		MUST(!msix_pending(&x, 1));
		MUST_PASS(i < 3 ? quiet() : arrived(0, 0));
		msix_mask(&x, 0, false);
		MUST_PASS(arrived(1, 0));
		MUST(!msix_pending(&x, 0));
	}
	MUST(nvme_answers(&nvme));
	MUST_PASS(arrived(1, 0));
	return quiet();
}

/* The same for a vector that was masked ever since messages went on. */
static int never_open(void)
{
	for (unsigned int i = 0; i < 20; i++) {
		MUST_PASS(begin());
		msix_control(&x, 0);
		msix_mask(&x, 0, true);
		msix_control(&x, MSIX_CONTROL_ENABLE);
		MUST(!msix_pending(&x, 0));
		MUST(nvme_answers(&nvme));
		MUST(wait_pending(0));
		MUST_PASS(i < 3 ? quiet() : arrived(0, 0));
		msix_mask(&x, 0, false);
		MUST_PASS(arrived(1, 0));
		MUST(!msix_pending(&x, 0));
		MUST(nvme_answers(&nvme));
		MUST_PASS(arrived(1, 0));
	}
	return quiet();
}

static int function_masked(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 50; i++) {
		msix_control(&x, MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
		MUST(nvme_answers(&nvme));
		MUST(wait_pending(0));
		MUST_PASS(i < 3 ? quiet() : arrived(0, 0));
		msix_control(&x, MSIX_CONTROL_ENABLE);
		MUST_PASS(arrived(1, 0));
		MUST(!msix_pending(&x, 0));
	}
	return quiet();
}

/* A message that changed while one was pending goes to the new place. */
static int moved_while_pending(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 20; i++) {
		msix_mask(&x, 0, true);
		MUST(nvme_answers(&nvme));
		MUST(wait_pending(0));
		msix_set(&x, 0, i % 2 == 0 ? &pair.second : &pair.first);
		MUST_PASS(arrived(i % 2, 1 - i % 2));
	}
	return quiet();
}

static int disabled_and_enabled(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 50; i++) {
		msix_control(&x, 0);
		MUST(nvme_answers(&nvme));
		MUST_PASS(i < 3 ? quiet() : arrived(0, 0));
		msix_control(&x, MSIX_CONTROL_ENABLE);
		MUST(nvme_answers(&nvme));
		MUST_PASS(arrived(1, 0));
		MUST(!msix_pending(&x, 0));
	}
	return quiet();
}

/* Without it the NVMe can neither fetch a command nor send a message. */
static int bus_master(void)
{
	for (unsigned int i = 0; i < 10; i++) {
		MUST_PASS(begin());
		MUST(nvme_answers(&nvme));
		MUST_PASS(arrived(1, 0));
		pci_disable(nvme.fn, PCI_COMMAND_MASTER);
		MUST_PASS(quiet());
		pci_enable(nvme.fn, PCI_COMMAND_MASTER);
		MUST(nvme_answers(&nvme));
		MUST_PASS(arrived(1, 0));
	}
	return quiet();
}

/* The queue's own vector: from each that we have to the next. */
static int vectors_moved(void)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));

	MUST_PASS(begin());
	msix_mask(&x, 0, true);		/* of the admin queue */
	for (unsigned int v = 1; v < x.count; v++) {
		const struct msi *m = v % 2 == 0 ? &pair.second : &pair.first;

		msix_mask(&x, v - 1, true);
		msix_set(&x, v, m);
		MUST(nvme_make_io(&nvme, v) == 0);
		MUST(nvme_move(&nvme, false, 0, page, 512) == 0);
		MUST_PASS(arrived(v % 2, 1 - v % 2));
		MUST(nvme_delete_io(&nvme) == 0);
	}
	return quiet();
}

/* M47: vectors that we do not have, that the function does not have. */
static int m47_vectors(void)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));
	const unsigned int beyond[] = { x.count, x.count + 1, 63, 64 };
	const unsigned int absent[] = { 65, 66, 2048, 0xfffe };

	MUST_PASS(begin());
	msix_mask(&x, 0, true);
	for (unsigned int i = 0; i < NELEM(beyond); i++) {
		MUST(nvme_make_io(&nvme, beyond[i]) == 0);
		MUST(nvme_move(&nvme, false, 0, page, 512) == 0);
		MUST_PASS(quiet());
		MUST(nvme_delete_io(&nvme) == 0);
	}
	for (unsigned int i = 0; i < NELEM(absent); i++) {
		int status = nvme_make_io(&nvme, absent[i]);

		MUST(status != 0 && status != NVME_SILENT);
	}
	msix_mask(&x, 0, false);
	return arrived(1, 0);
}

/* M48: the table word by word, its end and what follows it. */
static int m48_table(void)
{
	const unsigned int last = x.count - 1;
	uint64_t value;

	MUST_PASS(begin());
	msix_mask(&x, 0, true);
	for (unsigned int v = 0; v <= last; v++) {
		uint64_t at = x.table + v * MSIX_ENTRY;

		mmio_write64(at, 0x1122334455667788ull & ~3ull);
		mmio_write64(at + 8, 1ull << 32 | (0xa0u + v));
		MUST(mmio_read64(at) == (0x1122334455667788ull & ~3ull));
		MUST(mmio_read32(at + 8) == 0xa0u + v);
		MUST(mmio_read64(at + 8) == (1ull << 32 | (0xa0u + v)));
		/* Bytes and halves are no accesses to a table. */
		for (unsigned int k = 0; k < 16; k++) {
			mmio_write8(at + k, 0xff);
			mmio_write16(at + (k & ~1u), 0xffff);
		}
		MUST(mmio_read64(at) == (0x1122334455667788ull & ~3ull));
		MUST(mmio_read64(at + 8) == (1ull << 32 | (0xa0u + v)));
	}
	/* Vectors of the function that we do not have, and behind them. */
	for (uint64_t at = x.table + x.count * MSIX_ENTRY;
	     at < x.table + 65 * MSIX_ENTRY; at += 4) {
		mmio_write32(at, 0xffffffff);
		MUST(mmio_read32(at) == 0);
	}
	for (uint64_t at = x.table + 65 * MSIX_ENTRY;
	     at < x.table + 0x1000; at += 8) {
		MUST(probe_write(at, 8, ~0ull) && probe_read(at, 8, &value));
	}
	/* Unaligned: nothing of it, and nothing else. */
	for (unsigned int k = 1; k < 8; k++) {
		uint64_t at = alias_map(x.table + last * MSIX_ENTRY) + k;

		(void)probe_write(at, 8, 0);
		(void)probe_write(at, 4, 0);
		(void)probe_read(at, 8, &value);
	}
	return quiet();
}

static int m48_pending_bits(void)
{
	uint64_t value;

	MUST_PASS(begin());
	msix_mask(&x, 0, true);
	MUST(nvme_answers(&nvme));
	MUST(wait_pending(0));
	/* They cannot be written. */
	mmio_write64(x.pba, 0);
	mmio_write32(x.pba, 0);
	MUST(mmio_read64(x.pba) == 1 && mmio_read32(x.pba) == 1);
	mmio_write64(x.pba, ~0ull);
	MUST(mmio_read64(x.pba) == 1);
	MUST(mmio_read32(x.pba + 4) == 0 && mmio_read64(x.pba + 8) == 0);
	for (unsigned int w = 1; w <= 8; w *= 2) {
		for (uint64_t at = x.pba; at < x.pba + 0x1000; at += w) {
			MUST(probe_read(at, w, &value));
			MUST(probe_write(at, w, ~0ull));
		}
	}
	MUST(mmio_read64(x.pba) == 1);
	msix_mask(&x, 0, false);
	MUST_PASS(arrived(1, 0));
	MUST(mmio_read64(x.pba) == 0);
	return quiet();
}

/* M49: where table and pending bits are is not the guest's to say. */
static int m49_capability(void)
{
	uint32_t table = pci_read(x.fn, x.cap + MSIX_TABLE, 4);
	uint32_t pba = pci_read(x.fn, x.cap + MSIX_PBA, 4);
	uint32_t head = pci_read(x.fn, x.cap, 4);

	MUST_PASS(begin());
	msix_control(&x, 0);
	for (unsigned int at = 0; at < 12; at++) {
		if (at != 3) {
			pci_write(x.fn, x.cap + at, 1, 0xff);
		}
	}
	MUST(pci_read(x.fn, x.cap, 4) == head);
	MUST(pci_read(x.fn, x.cap + MSIX_TABLE, 4) == table);
	MUST(pci_read(x.fn, x.cap + MSIX_PBA, 4) == pba);
	MUST_PASS(m48_table());
	MUST_PASS(begin());
	MUST(nvme_answers(&nvme));
	MUST_PASS(arrived(1, 0));
	return m48_pending_bits();
}

/* M51: what is no doorbell gets nothing, above all not RAM. */
static int m51_elsewhere(void)
{
	static volatile uint32_t target[16] __attribute__((aligned(64)));
	const uint64_t addresses[] = {
		0, (uintptr_t)target, GIC_DIST, GIC_DIST + 0x40, 0xfffffffc,
		pair.first.addr + 4, pair.first.addr + 0x10000,
		pair.first.addr ^ 1ull << 40,
		~3ull,
	};

	memset((void *)target, 0xa5, sizeof(target));
	MUST_PASS(begin());
	for (unsigned int i = 0; i < NELEM(addresses); i++) {
		struct msi m = { addresses[i], pair.first.data, 0 };

		msix_set(&x, 0, &m);
		MUST(nvme_answers(&nvme));
		MUST_PASS(quiet());
		for (unsigned int k = 0; k < NELEM(target); k++) {
			MUST(target[k] == 0xa5a5a5a5);
		}
	}
	MUST_PASS(begin());
	MUST(nvme_answers(&nvme));
	return arrived(1, 0);
}

static int after(void)
{
	for (unsigned int v = 0; v < x.count; v++) {
		msix_mask(&x, v, true);
	}
	return cards_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "msix_before_enable", before_enable },
		{ "msix_in_a_row", in_a_row },
		{ "msix_rewritten", rewritten },
		{ "msix_masked", masked },
		{ "msix_never_open", never_open },
		{ "msix_function_masked", function_masked },
		{ "msix_moved_while_pending", moved_while_pending },
		{ "msix_disabled_and_enabled", disabled_and_enabled },
		{ "msix_bus_master", bus_master },
		{ "msix_vectors_moved", vectors_moved },
		{ "m47_vectors", m47_vectors },
		{ "m48_table", m48_table },
		{ "m48_pending_bits", m48_pending_bits },
		{ "m49_capability", m49_capability },
		{ "m51_elsewhere", m51_elsewhere },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(nvme_find(&nvme, 0));
	MUST(msix_find(&x, nvme.fn));
	MUST(x.count == 32);
	pair.first = msi_new(nvme.fn);
	pair.second = msi_new(nvme.fn);
	MUST(pair.first.intid != 0 && pair.second.intid != 0);
	return run_cases(cases, NELEM(cases), after);
}
