/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI of a function of the host (PCI Local Bus 3.0, 6.8.1): edu sends its one
 * message whenever it is told to raise, so that each is counted.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "msix.h"
#include "say.h"
#include "tree.h"

#define MSI_CONTROL	2
#define MSI_ADDRESS	4
#define MSI_DATA	12
#define MSI_ENABLE	1u

static struct edu edu;
static unsigned int cap;
static struct msi_pair pair;
static volatile unsigned int intx_taken;

static void on_intx(void)
{
	edu_acknowledge(&edu);
	intx_taken++;
}

static void program(const struct msi *m)
{
	pci_write(edu.fn, cap + MSI_ADDRESS, 4, (uint32_t)m->addr);
	pci_write(edu.fn, cap + MSI_ADDRESS + 4, 4, (uint32_t)(m->addr >> 32));
	pci_write(edu.fn, cap + MSI_DATA, 2, m->data);
}

static void enable(uint32_t bits)
{
	pci_write(edu.fn, cap + MSI_CONTROL, 2, bits);
}

static void raise(void)
{
	edu_write(&edu, EDU_IRQ_RAISE, 1);
	edu_acknowledge(&edu);
}

static int arrived(unsigned int of_first, unsigned int of_second)
{
	MUST(msi_pair_arrived(&pair, of_first, of_second));
	return 0;
}

static int quiet(void)
{
	MUST(msi_pair_quiet(&pair));
	MUST(intx_taken == 0);
	return 0;
}

static int begin(void)
{
	edu_on(&edu);
	program(&pair.first);
	enable(MSI_ENABLE);
	return quiet();
}

static int capability(void)
{
	uint32_t control = pci_read(edu.fn, cap + MSI_CONTROL, 2);

	MUST((control & 0x0f) == 0);	/* off, one vector */
	MUST((control & 0x80) != 0);	/* 64 bits */
	program(&pair.first);
	MUST(pci_read(edu.fn, cap + MSI_ADDRESS, 4) ==
	     (uint32_t)pair.first.addr);
	MUST(pci_read(edu.fn, cap + MSI_DATA, 2) == pair.first.data);
	pci_write(edu.fn, cap, 2, 0xffff);
	MUST(pci_read(edu.fn, cap, 1) == 0x05);
	return 0;
}

static int before_enable(void)
{
	edu_on(&edu);
	program(&pair.first);
	for (unsigned int i = 0; i < 10; i++) {
		raise();
	}
	return quiet();
}

static int in_a_row(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 1; i <= INTERRUPTS; i++) {
		raise();
		MUST_PASS(arrived(1, 0));
	}
	return quiet();
}

/* Every message goes where the registers say when it is sent. */
static int rewritten(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 100; i++) {
		program(i % 2 == 0 ? &pair.second : &pair.first);
		raise();
		MUST_PASS(arrived(i % 2, 1 - i % 2));
	}
	return quiet();
}

static int disabled_and_enabled(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 100; i++) {
		enable(0);
		raise();
		MUST_PASS(i < 3 ? quiet() : arrived(0, 0));
		program(i % 2 == 0 ? &pair.second : &pair.first);
		enable(MSI_ENABLE);
		raise();
		MUST_PASS(arrived(i % 2, 1 - i % 2));
	}
	return quiet();
}

/* Messages are writes to memory: without bus mastering there are none. */
static int bus_master(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 50; i++) {
		pci_disable(edu.fn, PCI_COMMAND_MASTER);
		raise();
		MUST_PASS(i < 3 ? quiet() : arrived(0, 0));
		pci_enable(edu.fn, PCI_COMMAND_MASTER);
		raise();
		MUST_PASS(arrived(1, 0));
	}
	return quiet();
}

/* M50: more vectors than there are. */
static int m50_too_many(void)
{
	for (uint32_t size = 1; size < 8; size++) {
		MUST_PASS(begin());
		enable(size << 4 | MSI_ENABLE);
		raise();
		MUST_PASS(arrived(1, 0));
		enable(0);
	}
	return quiet();
}

/* M51: what is no doorbell gets nothing, above all not RAM. */
static int m51_elsewhere(void)
{
	static volatile uint32_t target[16] __attribute__((aligned(64)));
	const uint64_t addresses[] = {
		0, (uintptr_t)target, GIC_DIST, GIC_DIST + 0x40, 0xfffffffc,
		pair.first.addr + 4, pair.first.addr + 0x10000,
		pair.first.addr ^ 1ull << 40,
		ram_end() - 4, ~3ull,
	};

	memset((void *)target, 0xa5, sizeof(target));
	MUST_PASS(begin());
	for (unsigned int i = 0; i < NELEM(addresses); i++) {
		struct msi m = { addresses[i], pair.first.data, 0 };

		/* Off, as an address half written may be the right one. */
		enable(0);
		program(&m);
		enable(MSI_ENABLE);
		raise();
		MUST_PASS(quiet());
		for (unsigned int k = 0; k < NELEM(target); k++) {
			MUST(target[k] == 0xa5a5a5a5);
		}
	}
	enable(0);
	program(&pair.first);
	enable(MSI_ENABLE);
	raise();
	return arrived(1, 0);
}

/* Data that no event has. */
static int unknown_event(void)
{
	MUST_PASS(begin());
	for (uint32_t data = 0; data < 0x10000; data += 0x421) {
		struct msi m = { pair.first.addr, data | 0x8000, 0 };

		program(&m);
		raise();
	}
	MUST_PASS(quiet());
	enable(0);	/* forgets what led nowhere */
	program(&pair.first);
	enable(MSI_ENABLE);
	raise();
	return arrived(1, 0);
}

/* The line is back when messages are off, and gone when they are on. */
static int intx_and_back(void)
{
	for (unsigned int i = 0; i < 20; i++) {
		MUST_PASS(begin());
		gic_enable(pci_intx(edu.fn), false, on_intx);
		pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
		raise();
		MUST_PASS(arrived(1, 0));
		MUST(intx_taken == 0);
		enable(0);
		edu_write(&edu, EDU_IRQ_RAISE, 1);
		for (uint64_t end = counter() + counter_ms(3000);
		     intx_taken == 0 && counter() < end;) {
			irq_take();
		}
		MUST(intx_taken == 1);
		MUST_PASS(arrived(0, 0));
		gic_disable(pci_intx(edu.fn));
		intx_taken = 0;
	}
	return 0;
}

static int after(void)
{
	return cards_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "msi_capability", capability },
		{ "msi_before_enable", before_enable },
		{ "msi_in_a_row", in_a_row },
		{ "msi_rewritten", rewritten },
		{ "msi_disabled_and_enabled", disabled_and_enabled },
		{ "msi_bus_master", bus_master },
		{ "m50_too_many", m50_too_many },
		{ "m51_elsewhere", m51_elsewhere },
		{ "msi_unknown_event", unknown_event },
		{ "msi_intx_and_back", intx_and_back },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(edu_find(&edu, 0));
	cap = pci_cap(edu.fn, 0x05, 0);
	MUST(cap != 0);
	pair.first = msi_new(edu.fn);
	pair.second = msi_new(edu.fn);
	MUST(pair.first.intid != 0 && pair.second.intid != 0);
	return run_cases(cases, NELEM(cases), after);
}
