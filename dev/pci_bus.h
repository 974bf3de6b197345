/* SPDX-License-Identifier: Apache-2.0 */
/* The host bridges' own state: for dev/pci*.c only. */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "dev/pci.h"

enum pci_space {
	PCI_IO,
	PCI_MEM32,
	PCI_MEM64,
};

struct pci_bus {
	struct pci_function *slots[PCI_SLOTS];
	struct pci_aperture {
		struct pci_bus *bus;
		enum pci_space space;
		uint64_t gpa;
		uint64_t slot_size; /* bytes that each slot has of it */
		uint64_t bar_size; /* bytes that each BAR has of that */
	} apertures[3];
	unsigned slot_count;
	uint64_t low_max; /* of a 64-bit BAR's size, to lie below 4 GiB */
	uint64_t ecam_gpa;
	unsigned spi; /* of INTA */
	unsigned levels; /* bit n: line n is high */
	unsigned number;
	int present;
};

/* The bus of that number, or NULL if no function is on it. */
const struct pci_bus *pci_bus(unsigned number);
/* The bus that a function is, or will be, on. */
struct pci_bus *pci_bus_of(const struct pci_function *function);

/* Claims a bus's apertures: its share of windows, or for host functions all. */
void pci_bar_own_apertures(struct pci_bus *bus,
			   const struct config_pci *windows);
void pci_bar_host_apertures(struct pci_bus *bus,
			    const struct config_pci *windows);
/* Which BAR's register has that offset; PCI_BARS: none. */
unsigned pci_bar_index(unsigned offset);
/* A write of size bytes at offset, in that BAR's register. */
void pci_bar_write(struct pci_function *function, unsigned index,
		   unsigned offset, unsigned size, uint32_t value);
/* Recomputes what a BAR's register reads as. */
void pci_bar_show(struct pci_function *function, unsigned index);
