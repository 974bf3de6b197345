// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupt latency: QEMU's edu device interrupts at once when it is told to,
 * so that the time is the way of the interrupt and nothing else. The same
 * program runs as a guest and, as the board's kernel, natively. It spins.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "msix.h"
#include "pci.h"
#include "say.h"

#define EDU		0x11e81234u
#define PCI_CAP_ID_MSI	0x05
#define MSI_CONTROL	2
#define MSI_ADDR_LOW	4
#define MSI_ADDR_HIGH	8
#define MSI_DATA_WIDE	12
#define MSI_WIDE	0x80u
#define MSI_ENABLE	0x01u

#define WARM_UP		20u
#define COUNT		201u
/* Until the line is unmasked again and nothing is left to do. */
#define REST_US		100

uint64_t raise(uint64_t edu, uint32_t *intid);

static const struct pci_fn *edu;

static void nothing(void)
{
}

static const struct pci_fn *find(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		if (pci_read(f, PCI_VENDOR_ID, 4) == EDU) {
			return f;
		}
	}
	return NULL;
}

static void insert(uint64_t *sorted, unsigned int count, uint64_t value)
{
	while (count > 0 && sorted[count - 1] > value) {
		sorted[count] = sorted[count - 1];
		count--;
	}
	sorted[count] = value;
}

static int once(unsigned int intid, uint64_t *ticks)
{
	uint32_t taken = 0;

	*ticks = raise(edu->bar[0].addr, &taken);
	MUST(taken == intid);
	delay_us(REST_US);
	return 0;
}

/* Says the median, as often as there were interrupts: see runner.c. */
static int measure(const char *name, unsigned int intid)
{
	uint64_t sorted[COUNT];
	uint64_t ticks;

	MUST(intid != 0);
	for (unsigned int i = 0; i < WARM_UP; i++) {
		MUST_PASS(once(intid, &ticks));
	}
	say("@A\n");
	for (unsigned int i = 0; i < COUNT; i++) {
		MUST_PASS(once(intid, &ticks));
		insert(sorted, i, ticks);
	}
	say("@B %s %u %lu %lu\n", name, COUNT, sorted[COUNT / 2] * COUNT,
	    sysreg_read("cntfrq_el0"));
	return 0;
}

static int use_msi(struct msi *m)
{
	unsigned int cap = pci_cap(edu, PCI_CAP_ID_MSI, 0);

	MUST(cap != 0);
	MUST((pci_read(edu, cap + MSI_CONTROL, 2) & MSI_WIDE) != 0);
	*m = msi_new(edu);
	pci_write(edu, cap + MSI_ADDR_LOW, 4, (uint32_t)m->addr);
	pci_write(edu, cap + MSI_ADDR_HIGH, 4, (uint32_t)(m->addr >> 32));
	pci_write(edu, cap + MSI_DATA_WIDE, 2, m->data);
	pci_write(edu, cap + MSI_CONTROL, 2,
		  pci_read(edu, cap + MSI_CONTROL, 2) | MSI_ENABLE);
	return 0;
}

int main(void)
{
	struct msi m;

	gic_init();
	pci_init();
	edu = find();
	MUST(edu != NULL && edu->bar[0].addr != 0);
	MUST(gic_version() == 3);
	pci_enable(edu, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	/* What a mark itself costs: the difference of these two. */
	say("@A\n");
	say("@A\n");
	gic_enable(pci_intx(edu), false, nothing);
	MUST_PASS(measure("irq_intx", pci_intx(edu)));
	MUST_PASS(use_msi(&m));
	return measure("irq_msi", m.intid);
}
