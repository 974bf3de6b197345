/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's side of a PCI function: configuration space through ECAM. The
 * windows are those of the qemu_virt_pci config.
 */
#pragma once

#include <linux/pci_regs.h>

#include "core/config.h"
#include "test/unit/driver.h"

#define ECAM 0x3f000000ull
#define PCI_IO 0x3efe0000ull
#define MEM32 0x10000000ull
#define MEM64 0x8000000000ull
#define PCI_SPI 3u

extern const struct config_pci pci_windows;

/* The function's configuration space; function 0 of the slot. */
uint64_t cfg_of(unsigned bus, unsigned slot);
uint32_t cfg_read(uint64_t cfg, unsigned offset, unsigned size);
void cfg_write(uint64_t cfg, unsigned offset, unsigned size, uint32_t value);
/* The command register's bits; INTX_DISABLE is one of them. */
void cfg_command(uint64_t cfg, uint32_t command);
/* The offset of the nth capability of that id, from 0, or 0. */
unsigned cfg_capability(uint64_t cfg, unsigned id, unsigned n);
/* What a BAR says, I/O addresses made guest physical ones. */
uint64_t cfg_bar(uint64_t cfg, unsigned bar);
