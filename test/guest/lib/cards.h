/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the host in the guest (board/qemu_virt_cards.h), and how a test
 * brings one back to where it began.
 */
#pragma once

#include <stdint.h>

#include "pci.h"

/* Vendor and device as PCI_VENDOR_ID has them */
#define CARD_EDU	0x11e81234u
#define CARD_NVME	0x00101b36u
#define CARD_VBLK	0x10421af4u

/* The n-th of a kind; NULL when there is none. */
const struct pci_fn *card_find(uint32_t id, unsigned int n);

/* D0, MSI and MSI-X off, BARs in place, decode and bus master on, INTx off. */
void card_on(const struct pci_fn *f);

/*
 * Find and start every edu, NVMe and virtio disk of the host, and the disk of
 * the VMM's own; then ask each for something. 0 or a line.
 */
int cards_setup(void);
int cards_alive(void);
