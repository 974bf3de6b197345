/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI as a driver sees it: host bridges from the device tree (compatible
 * "pci-host-ecam-generic"), configuration space by ECAM, functions, BARs,
 * capabilities (PCI Local Bus 3.0, chapter 6; PCI Express Base, 7.2.2).
 * There are no bridges: a host's functions are those on its first bus.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PCI_CONFIG_SIZE		4096u

#define PCI_VENDOR_ID		0x00
#define PCI_DEVICE_ID		0x02
#define PCI_COMMAND		0x04
#define PCI_STATUS		0x06
#define PCI_REVISION_ID		0x08
#define PCI_CLASS		0x08	/* with the revision in bits 7:0 */
#define PCI_CACHE_LINE		0x0c
#define PCI_HEADER_TYPE		0x0e
#define PCI_BAR(n)		(0x10 + 4 * (n))
#define PCI_SUBSYSTEM_VENDOR	0x2c
#define PCI_SUBSYSTEM_ID	0x2e
#define PCI_ROM			0x30
#define PCI_CAPABILITIES	0x34
#define PCI_INTERRUPT_LINE	0x3c
#define PCI_INTERRUPT_PIN	0x3d

#define PCI_COMMAND_IO		0x0001u
#define PCI_COMMAND_MEMORY	0x0002u
#define PCI_COMMAND_MASTER	0x0004u
#define PCI_COMMAND_INTX_OFF	0x0400u
#define PCI_STATUS_INTERRUPT	0x0008u
#define PCI_STATUS_CAP_LIST	0x0010u

#define PCI_CAP_ID_VENDOR	0x09
#define PCI_CAP_ID_MSIX		0x11

#define PCI_BARS		6u

/* Class codes as PCI_CLASS has them in its upper three bytes */
#define PCI_CLASS_HOST_BRIDGE	0x060000u

struct pci_window {
	uint64_t pci;		/* address on the bus */
	uint64_t cpu;
	uint64_t size;
	uint64_t next;		/* first free offset, for BARs that read 0 */
};

enum pci_space { PCI_IO, PCI_MEM32, PCI_MEM64, PCI_SPACES };

struct pci_host {
	uint64_t ecam;		/* of bus_first */
	unsigned int bus_first;
	unsigned int bus_last;
	struct pci_window window[PCI_SPACES];
	const uint8_t *map;	/* interrupt-map and its mask, msi-map */
	uint32_t map_len;
	const uint8_t *mask;
	const uint8_t *msi_map;
	uint32_t msi_map_len;
};

/* size is 0 where there is none, and for the upper half of a 64-bit one. */
struct pci_bar {
	uint64_t addr;		/* of the processor; of the bus below */
	uint64_t pci;
	uint64_t size;
	bool io;
	bool wide;
	bool prefetch;
};

struct pci_fn {
	struct pci_host *host;
	uint64_t config;
	unsigned int bus;
	unsigned int slot;
	unsigned int func;
	uint32_t command;	/* COMMAND as it was found */
	struct pci_bar bar[PCI_BARS];
};

/* MSI controllers the tree names */
enum msi_kind { MSI_NONE, MSI_ITS, MSI_V2M };

struct msi_controller {
	enum msi_kind kind;
	uint64_t base;
	uint32_t device_id;	/* of the function asked for */
};

/* Hosts and functions, BARs assigned, decode off. May be called again. */
void pci_init(void);

/* NULL behind the last */
struct pci_host *pci_host(unsigned int i);
struct pci_fn *pci_fn(unsigned int i);

/* Function present or not. */
uint64_t pci_config_addr(const struct pci_host *host, unsigned int bus,
			 unsigned int slot, unsigned int func);

/* width 1, 2 or 4; of COMMAND bits, those that are given are set. */
uint32_t pci_read(const struct pci_fn *f, unsigned int at, unsigned int width);
void pci_write(const struct pci_fn *f, unsigned int at, unsigned int width,
	       uint32_t value);
void pci_enable(const struct pci_fn *f, uint32_t bits);
void pci_disable(const struct pci_fn *f, uint32_t bits);

/* The next capability of that kind behind after (0: the first); 0 if none. */
unsigned int pci_cap(const struct pci_fn *f, unsigned int id,
		     unsigned int after);

/* Size BAR index as 6.2.5.1 says and put its address back. */
struct pci_bar pci_size_bar(const struct pci_fn *f, unsigned int index);

/* INTID of the interrupt that interrupt-map gives the function's pin, or 0. */
unsigned int pci_intx(const struct pci_fn *f);
struct msi_controller pci_msi(const struct pci_fn *f);
