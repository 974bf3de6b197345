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
	} apertures[3];
	uint64_t ecam_gpa;
	unsigned spi; /* of INTA */
	unsigned levels; /* bit n: line n is high */
	unsigned number;
	int present;
};

/* The bus of that number, or NULL if no function is on it. */
const struct pci_bus *pci_bus(unsigned number);
