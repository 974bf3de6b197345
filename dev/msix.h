/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An emulated MSI-X table (PCI 3.0 section 6.8.2): vectors that software
 * raises, and eventfds that raise them inside the kernel. Table and pending
 * bits share one BAR of MSIX_BAR_SIZE.
 */
#pragma once

#include <stdint.h>

#include "core/gic.h"
#include "core/mmio.h"
#include "dev/pci.h"

#define MSIX_BAR_SIZE 0x1000
#define MSIX_NO_VECTOR 0xffff

struct msix_vector {
	struct gic_msi message;
	uint32_t masked;
	int pending;
};

/* An eventfd that raises a vector. */
struct msix_source {
	int fd; /* reads do not block; -1: none */
	unsigned vector;
	int handle; /* of gic.h; -1: not bound */
};

struct msix {
	struct pci_function *function;
	unsigned capability; /* its offset in configuration space */
	unsigned count;
	struct msix_vector vectors[CONFIG_MAX_VECTORS];
	struct msix_source sources[CONFIG_MAX_VECTORS];
};

/* The BAR that holds table and pending bits; before pci_add(). */
struct pci_bar msix_bar(struct msix *msix);
/* Gives the function the capability, which points to that BAR. */
void msix_init(struct msix *msix, struct pci_function *function, unsigned bar,
	       unsigned count);
/* All as after power-on, sources gone. */
void msix_reset(struct msix *msix);

/* True if the guest uses MSI-X, so that INTx must be silent. */
int msix_enabled(const struct msix *msix);
/* Sends the vector's message, or keeps it pending; no such vector: nothing. */
void msix_raise(struct msix *msix, unsigned vector);
/* What was raised and not sent is no event any more (section 6.8.3.5). */
void msix_forget_pending(struct msix *msix);
/* From now on the eventfd raises the vector; source is the caller's index. */
void msix_attach(struct msix *msix, unsigned source, unsigned vector, int fd);
void msix_detach(struct msix *msix, unsigned source);

/* The guest wrote configuration space: its control word may have changed. */
void msix_config_written(struct msix *msix);
