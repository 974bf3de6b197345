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
