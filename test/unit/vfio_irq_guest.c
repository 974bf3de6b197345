/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that programs the interrupts of a card of the host. */
#include "test/unit/vfio_irq_guest.h"

struct fake_card *irq_card;
uint64_t irq_cfg;

void irq_plug(unsigned vectors, unsigned msi_flags)
{
	vfio_host();
	irq_card = vfio_card(CARD);
	vfio_card_bar(irq_card, 0, 0x8000, 0);
	vfio_card_msix(irq_card, IRQ_MSIX, vectors, IRQ_TABLE, IRQ_PBA);
	vfio_card_msi(irq_card, IRQ_MSI, msi_flags);
}

void irq_add(void)
{
	irq_cfg = vfio_add(irq_card, IRQ_SLOT);
	cfg_command(irq_cfg, DECODED | PCI_COMMAND_INTX_DISABLE);
}

void irq_machine(void)
{
	irq_plug(IRQ_VECTORS,
		 PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT | 0x0a);
	irq_add();
}

void irq_control(unsigned flags)
{
	cfg_write(irq_cfg, IRQ_MSIX + PCI_MSIX_FLAGS, 2, flags);
}

uint64_t irq_entry(unsigned vector)
{
	return vfio_bar(irq_cfg, 0) + IRQ_TABLE + 16 * vector;
}

void irq_program(unsigned vector)
{
	driver_mmio_write(irq_entry(vector), 8, TRANSLATER);
	driver_mmio_write(irq_entry(vector) + 8, 4, vector + 100);
}

void irq_mask(unsigned vector, int on)
{
	driver_mmio_write(irq_entry(vector) + 12, 4, (uint64_t)on);
}

uint64_t irq_pending(void)
{
	return driver_mmio_read(vfio_bar(irq_cfg, 0) + IRQ_PBA, 8);
}

void irq_ready(void)
{
	unsigned i;

	irq_machine();
	for (i = 0; i < IRQ_VECTORS; i++) {
		irq_program(i);
		irq_mask(i, 0);
	}
	irq_control(ENABLE);
}

void irq_msi(unsigned flags)
{
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_FLAGS, 2, flags);
}

unsigned irq_eventfds(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < FAKE_FDS; fd++) {
		n += fake.fds[fd].kind == FAKE_EVENTFD;
	}
	return n;
}
