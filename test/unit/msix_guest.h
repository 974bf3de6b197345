/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function with an MSI-X table of three vectors and nothing else, and a guest
 * that programs it. The data of vector n is n + 100.
 */
#pragma once

#include "dev/msix.h"
#include "test/unit/pci_guest.h"

#define TABLE_SLOT 1u
#define TABLE_BAR 1u
#define TABLE_COUNT 3u
#define TABLE_GPA (MEM32 + TABLE_SLOT * 0x10000 + 0x1000)
#define PBA_GPA (TABLE_GPA + 0x800)
#define ITS 0x08080000ull
#define TRANSLATER (ITS + 0x10040)
#define ENABLE PCI_MSIX_FLAGS_ENABLE
#define MASKALL PCI_MSIX_FLAGS_MASKALL

extern struct pci_function table_function;
extern struct msix table;
extern uint64_t table_cfg; /* the function's configuration space */
extern unsigned table_cap; /* its capability's offset */

/* After power-on: disabled, all vectors masked. */
void table_machine(void);
/* The same, then enabled, with all vectors programmed and open. */
void table_ready(void);

/* The message control word. */
void table_control(unsigned flags);
uint64_t table_entry(unsigned vector);
void table_mask(unsigned vector, int on);
void table_program(unsigned vector);
uint64_t table_pending(void);
