/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card of the host with every kind of interrupt, and a guest that programs
 * them: MSI-X in BAR 0 among registers, MSI, INTx. The data of MSI-X's vector n
 * is n + 100.
 */
#pragma once

#include "test/unit/vfio_guest.h"

#define IRQ_SLOT 1u
#define IRQ_MSIX 0x40
#define IRQ_MSI 0x60
#define IRQ_VECTORS 4u
#define IRQ_TABLE 0x2000u
#define IRQ_PBA 0x3000u
#define IRQ_DEVICE IRQ_SLOT
#define IRQ_SPI (HOST_SPI + IRQ_SLOT)
#define ENABLE PCI_MSIX_FLAGS_ENABLE
#define MASKALL PCI_MSIX_FLAGS_MASKALL
#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

extern struct fake_card *irq_card;
extern uint64_t irq_cfg; /* its configuration space */

/* The card with so many vectors of MSI-X, and MSI's flags; not added yet. */
void irq_plug(unsigned vectors, unsigned msi_flags);
/* Gives it to the guest, which decodes its BARs but uses no interrupt. */
void irq_add(void);
/* Both, with IRQ_VECTORS and the largest MSI there is. */
void irq_machine(void);
/* The same, MSI-X enabled, all vectors programmed and open. */
void irq_ready(void);

void irq_control(unsigned flags);
uint64_t irq_entry(unsigned vector);
void irq_program(unsigned vector);
void irq_mask(unsigned vector, int on);
uint64_t irq_pending(void);
/* The message control word of MSI. */
void irq_msi(unsigned flags);
/* How many eventfds we have open. */
unsigned irq_eventfds(void);
