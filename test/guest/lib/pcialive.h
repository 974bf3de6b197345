/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The five virtio functions of the machine for the PCI guests, and whether
 * all of them work: what every case there ends with.
 */
#pragma once

#include "pci.h"
#include "vblk.h"

extern struct vdev pci_blk, pci_rng, pci_ro, pci_transitional, pci_other;

/* Find and start all: 0 or a line. */
int pci_setup(void);

/* Decode on, reset, start, a request each. */
int pci_alive(void);

/* The same for the function of that number, if it is one of them. */
int pci_function_alive(const struct pci_fn *f);

/* 64 bytes from the running rng */
int rng_answers(struct vdev *d);

/* Reset all but that one, so that shared pins are quiet. */
void pci_others_quiet(const struct vdev *d);

/*
 * pci_blk with MSI-X enabled, vector 0 for the configuration, 1 for the
 * queue, nothing pending: 0 or a line.
 */
int msix_begin(void);

/*
 * So many messages of the queue since the last look, and none of the
 * configuration but those added to msix_config_taken.
 */
int msix_messages(unsigned int count);
extern unsigned int msix_config_taken;
