/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generic ECAM host bridges (PCI Local Bus 3.0; PCI Express 7.2.2), one for
 * each kind of function: emulated ones, virtio, the host's. Addresses of BARs
 * follow from bus, slot and BAR number, and never change, so nothing can be
 * moved over anything else. A function's registers are bytes; what a guest may
 * write is listed, everything else is read-only.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/dt.h"
#include "core/mmio.h"

#define PCI_CONFIG_SIZE 256
#define PCI_EXTENDED_SIZE 4096 /* with the extended capabilities */
#define PCI_BARS 7
#define PCI_ROM 6 /* the last one: the expansion ROM */
/* Sizes that BARs may have at most. */
#define PCI_BAR_IO_MAX 0x800
#define PCI_BAR_MEM32_MAX 0x1000
#define PCI_BAR_MEM64_MAX 0x40000000
/*
 * A 64-bit BAR of this size, or less, lies below 4 GiB all the same, one of a
 * function: U-Boot looks at the lower half only.
 */
#define PCI_BAR_LOW_MAX 0x8000
/* On the bus of the host's functions: any memory BAR below 4 GiB. */
#define PCI_HOST_BAR_LOW_MAX 0x800000

struct pci_function;

struct pci_bar {
	uint64_t size; /* a power of two; 0: no such BAR */
	uint32_t flags; /* PCI_BASE_ADDRESS_*; a 64-bit one takes two */
	unsigned widths; /* MMIO_*; others read all ones, are dropped */
	mmio_handler handler; /* called while the BAR is decoded */
	void *ctx;
};

struct pci_function {
	uint8_t bus; /* PCI_BUS_* */
	uint8_t slot;
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE]; /* bits that the guest may change */
	/* Read-only registers from PCI_CONFIG_SIZE on; NULL: they read 0. */
	const uint8_t *extended;
	struct pci_bar bars[PCI_BARS];
	/* After a write that changed, or could have, bytes of config. */
	void (*written)(struct pci_function *function, unsigned offset,
			unsigned size);
	/* Before a read, for registers that are windows; may be NULL. */
	void (*read)(struct pci_function *function, unsigned offset);
	unsigned next_capability;
	int intx; /* asserts its line, unless that is disabled */
	int asleep; /* answers accesses to its configuration space only */
	uint8_t sizing; /* by BAR register: reads as its size mask */
};

struct pci_id {
	uint16_t vendor;
	uint16_t device;
	uint16_t subsystem_vendor;
	uint16_t subsystem;
	uint32_t class_code; /* 24 bits */
	uint8_t revision;
};

/*
 * Takes the partition's windows, and those of the host's functions, if it has
 * any; before the first function.
 */
void pci_init(const struct config_pci *config, const struct config_pci *host);
/* Puts a function, its bus, slot and BARs filled in, on its bus. */
void pci_add(struct pci_function *function, const struct pci_id *id);
/*
 * Adds a capability of so many bytes, its header included; its offset. Its
 * other bytes are 0 and read-only.
 */
unsigned pci_add_capability(struct pci_function *function, unsigned id,
			    unsigned bytes);

/* Little-endian values in a function's registers. */
uint32_t pci_get(const struct pci_function *function, unsigned offset,
		 unsigned size);
void pci_put(struct pci_function *function, unsigned offset, unsigned size,
	     uint32_t value);

/* True if the guest has set any of those bits of the command register. */
int pci_command(const struct pci_function *function, unsigned bits);
/* What the function's requests carry, as the ITS sees it. */
uint32_t pci_device_id(const struct pci_function *function);
/* The guest's SPI that INTA of the function is wired to. */
unsigned pci_intx_spi(const struct pci_function *function);
/* The guest physical address of a BAR. */
uint64_t pci_bar_gpa(const struct pci_function *function, unsigned bar);
/* True if the function answers accesses to the BAR, as the guest set it up. */
int pci_bar_decoded(const struct pci_function *function, unsigned bar);
/* An access to a BAR, decoded or not; 0 if the BAR has no such bytes. */
int pci_bar_access(struct pci_function *function, unsigned bar,
		   struct mmio_access *access);
/* Sets INTA of the function, level-triggered. */
void pci_set_intx(struct pci_function *function, int level);

void pci_dt(struct dt *dt);
