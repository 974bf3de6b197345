/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X (PCI 3.0 section 6.8.2): the table and the pending bits, and the
 * capability of an emulated function, whose table and pending bits share one
 * BAR of MSIX_BAR_SIZE.
 */
#pragma once

#include "core/config.h"
#include "core/mmio.h"
#include "dev/msi.h"

#define MSIX_BAR_SIZE 0x1000
#define MSIX_NO_VECTOR 0xffff

struct msix {
	struct msi msi;
	unsigned capability; /* its offset in configuration space */
	struct msi_vector vectors[CONFIG_MAX_VECTORS];
	struct msi_source sources[CONFIG_MAX_VECTORS];
};

/* The BAR that holds table and pending bits; before pci_add(). */
struct pci_bar msix_bar(struct msix *msix);
/* Gives the function the capability, which points to that BAR. */
void msix_init(struct msix *msix, struct pci_function *function, unsigned bar,
	       unsigned count);
/* The guest wrote configuration space: its control word may have changed. */
void msix_config_written(struct msix *msix);

/*
 * Accesses of 4 or 8 bytes, aligned, whose offset counts from the start of the
 * table or of the pending bits; beyond them reads are 0, writes dropped.
 */
void msix_access_table(struct msi *msi, struct mmio_access *access);
void msix_access_pending(struct msi *msi, struct mmio_access *access);
