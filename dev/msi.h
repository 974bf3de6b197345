/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message-signalled vectors, as an MSI-X table or an MSI capability programs
 * them (PCI 3.0 section 6.8): masked, pending or sent; raised by software, or
 * by eventfds inside the kernel.
 */
#pragma once

#include <stdint.h>

#include "core/gic.h"
#include "dev/pci.h"

struct msi_vector {
	struct gic_msi message;
	int masked;
	int pending;
};

/* An eventfd that raises a vector. */
struct msi_source {
	int fd; /* reads do not block; -1: none */
	unsigned vector;
	int handle; /* of gic.h; -1: not bound */
};

struct msi {
	struct pci_function *function;
	unsigned count; /* of vectors, and of sources */
	struct msi_vector *vectors;
	struct msi_source *sources;
	int enabled; /* the guest uses these vectors, */
	int all_masked; /* but has masked the whole function */
	/*
	 * Vector n is open, and source n has no eventfd: makes one that raises
	 * it, or returns -1. NULL: sources come by msi_attach().
	 */
	int (*connect)(struct msi *msi, unsigned n);
};

/* Arrays of count, that the caller keeps; all as after power-on. */
void msi_init(struct msi *msi, struct pci_function *function,
	      struct msi_vector *vectors, struct msi_source *sources,
	      unsigned count);
/* All as after power-on; the eventfds are the caller's, to close before. */
void msi_reset(struct msi *msi);

/* Sends the vector's message, or keeps it pending; no such vector: nothing. */
void msi_raise(struct msi *msi, unsigned vector);
/* What was raised and not sent is no event any more (section 6.8.3.5). */
void msi_forget_pending(struct msi *msi);
/* Bit n: vector 32 * word + n is pending. */
uint32_t msi_pending(struct msi *msi, unsigned word);
/* From now on the eventfd raises the vector; source is the caller's index. */
void msi_attach(struct msi *msi, unsigned source, unsigned vector, int fd);
void msi_detach(struct msi *msi, unsigned source);

/* The guest programs a vector. */
void msi_set_message(struct msi *msi, unsigned vector, uint64_t address,
		     uint32_t data);
void msi_set_masked(struct msi *msi, unsigned vector, int masked);
/* enabled, all_masked or bus mastering may have changed. */
void msi_update(struct msi *msi);
