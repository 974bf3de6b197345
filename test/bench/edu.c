// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupt latency: QEMU's edu device interrupts at once when it is told to,
 * so that the time is the way of the interrupt and nothing else.
 */
#include "edu.h"

#include <stddef.h>

#include "cards.h"
#include "check.h"
#include "gicdrv.h"
#include "latency.h"
#include "msix.h"
#include "pci.h"

#define PCI_CAP_ID_MSI	0x05
#define MSI_CONTROL	2
#define MSI_ADDR_LOW	4
#define MSI_ADDR_HIGH	8
#define MSI_DATA_WIDE	12
#define MSI_WIDE	0x80u
#define MSI_ENABLE	0x01u

static void nothing(void)
{
}

static int use_msi(const struct pci_fn *edu, struct msi *m)
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
	const struct pci_fn *edu;
	struct line line;
	struct msi m;

	gic_init();
	edu = card_find(CARD_EDU, 0);
	MUST(edu != NULL && edu->bar[0].addr != 0);
	MUST(gic_version() == 3);
	pci_enable(edu, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	line = (struct line){
		.raise = edu->bar[0].addr + EDU_IRQ_RAISE,
		.lower = edu->bar[0].addr + EDU_IRQ_ACK,
		.raise_value = 1,
		.lower_value = 1,
		.intid = pci_intx(edu),
	};
	measure_marks();
	gic_enable(line.intid, false, nothing);
	MUST_PASS(measure_line("irq_intx", &line));
	MUST_PASS(use_msi(edu, &m));
	line.intid = m.intid;
	return measure_line("irq_msi", &line);
}
