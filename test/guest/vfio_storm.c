/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INTERRUPTS of each kind, one after the other: edu's INTx, its MSI, MSI-X of
 * an NVMe's reads. What the VMM exits for, and what is printed, is the same for
 * any number. After each kind the host may look at its counters.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "msix.h"
#include "nvme.h"

static struct edu edu;
static struct nvme nvme;
static volatile unsigned int taken;

static void let_look(void)
{
	delay_us(700000);
}

static void on_intx(void)
{
	edu_acknowledge(&edu);
	taken++;
}

static int intx(void)
{
	edu_on(&edu);
	gic_enable(pci_intx(edu.fn), false, on_intx);
	pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
	irq_take();
	taken = 0;
	for (unsigned int i = 1; i <= INTERRUPTS; i++) {
		uint64_t end = counter() + counter_ms(3000);

		edu_write(&edu, EDU_IRQ_RAISE, 1);
		while (taken < i && counter() < end) {
			irq_take();
		}
		MUST(taken == i);
	}
	let_look();
	gic_disable(pci_intx(edu.fn));
	return 0;
}

static int msi(void)
{
	unsigned int cap = pci_cap(edu.fn, 0x05, 0);
	struct msi m = msi_new(edu.fn);

	edu_on(&edu);
	MUST(cap != 0 && m.intid != 0);
	pci_write(edu.fn, cap + 4, 4, (uint32_t)m.addr);
	pci_write(edu.fn, cap + 8, 4, (uint32_t)(m.addr >> 32));
	pci_write(edu.fn, cap + 12, 2, m.data);
	pci_write(edu.fn, cap + 2, 2, 1);
	for (unsigned int i = 1; i <= INTERRUPTS; i++) {
		edu_write(&edu, EDU_IRQ_RAISE, 1);
		edu_write(&edu, EDU_IRQ_ACK, 1);
		MUST(msi_wait(&m, i));
	}
	let_look();
	pci_write(edu.fn, cap + 2, 2, 0);
	return 0;
}

static int msix(void)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));
	struct msi m = msi_new(nvme.fn);
	struct msix x;

	MUST(nvme_start(&nvme) && msix_find(&x, nvme.fn) && m.intid != 0);
	msix_set(&x, 1, &m);
	msix_control(&x, MSIX_CONTROL_ENABLE);
	MUST(nvme_make_io(&nvme, 1) == 0);
	for (unsigned int i = 1; i <= INTERRUPTS; i++) {
		nvme_submit(&nvme, &nvme.io, 2, (uintptr_t)page, 0, i & 0xfff,
			    0, 0);
		MUST(msi_wait(&m, i));
		MUST(nvme_complete(&nvme, &nvme.io) == 0);
	}
	let_look();
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "storm_intx", intx },
		{ "storm_msi", msi },
		{ "storm_msix", msix },
	};

	gic_init();
	MUST(edu_find(&edu, 0));
	MUST(nvme_find(&nvme, 0));
	return run_cases(cases, NELEM(cases), NULL);
}
