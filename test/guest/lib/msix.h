/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X of a function (PCI Local Bus 3.0, 6.8.2), with messages that arrive
 * as LPIs through an ITS or as SPIs through a GICv2m frame, whichever the
 * host's msi-map names. Deliveries are counted, handlers there are none.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"

#define MSIX_CONTROL		2
#define MSIX_TABLE		4
#define MSIX_PBA		8
#define MSIX_CONTROL_SIZE	0x07ffu
#define MSIX_CONTROL_MASK	0x4000u
#define MSIX_CONTROL_ENABLE	0x8000u

#define MSIX_ENTRY		16u
#define MSIX_ADDR_LOW		0
#define MSIX_ADDR_HIGH		4
#define MSIX_DATA		8
#define MSIX_VECTOR_CONTROL	12

/* A message and the interrupt that it becomes; intid 0: none left. */
struct msi {
	uint64_t addr;
	uint32_t data;
	unsigned int intid;
};

struct msix {
	const struct pci_fn *fn;
	unsigned int cap;
	unsigned int count;	/* vectors */
	uint64_t table;
	uint64_t pba;
};

/* An interrupt of its own for the function. */
struct msi msi_new(const struct pci_fn *f);

/* How many of it arrived so far; takes pending interrupts. */
unsigned int msi_taken(const struct msi *m);

/* Wait until that many arrived, at most 3 s; true when exactly so many did. */
bool msi_wait(const struct msi *m, unsigned int count);

/* Two messages of one function, each of which must arrive exactly so often. */
struct msi_pair {
	struct msi first;
	struct msi second;
	unsigned int first_taken;
	unsigned int second_taken;
};

/* What has arrived until now does not count. */
void msi_pair_begin(struct msi_pair *pair);
/* That many more of each than at the last look, and not one besides; says what
 * is wrong. */
bool msi_pair_arrived(struct msi_pair *pair, unsigned int of_first,
		      unsigned int of_second);
/* None at all, for a while. */
bool msi_pair_quiet(struct msi_pair *pair);

/* Capability and tables; memory decode must be on to use them. */
bool msix_find(struct msix *x, const struct pci_fn *f);

void msix_set(const struct msix *x, unsigned int vector, const struct msi *m);
void msix_mask(const struct msix *x, unsigned int vector, bool mask);
uint32_t msix_read(const struct msix *x, unsigned int vector, unsigned int at);
void msix_write(const struct msix *x, unsigned int vector, unsigned int at,
		uint32_t value);
bool msix_pending(const struct msix *x, unsigned int vector);

/* Bits of the control word: ENABLE, MASK. */
void msix_control(const struct msix *x, uint32_t bits);
