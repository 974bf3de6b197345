/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's side of a virtio function. Tests that run on every transport use
 * virtio-mmio's names of registers; this finds what they are called here.
 */
#pragma once

#include "test/unit/pci_guest.h"

/* The parts of the modern BAR. */
#define PART_COMMON 0x0000u
#define PART_ISR 0x1000u
#define PART_DEVICE 0x2000u
#define PART_NOTIFY 0x3000u

/* Finds the BAR of that kind on the virtio bus, and has it decoded. */
void driver_pci_place(struct driver *d, unsigned slot, enum driver_kind kind);
void driver_pci_write(const struct driver *d, unsigned reg, uint32_t value);
/* Registers that the transport does not have read 0. */
uint32_t driver_pci_read(const struct driver *d, unsigned reg);
