/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI function of the host, given to the guest: its registers mapped where
 * they can be, its capabilities filtered, its interrupts bound in the kernel.
 * The guest's view is that of dev/pci.c; what reaches the function is listed
 * in dev/vfio_pci_config.c.
 */
#pragma once

#include "core/config.h"
#include "core/loop.h"
#include "dev/msi.h"
#include "dev/pci.h"
#include "dev/vfio.h"

struct vfio_pci;

/* One BAR, or the expansion ROM. */
struct vfio_pci_bar {
	struct vfio_pci *pci;
	struct vfio_region region;
};

/* Registers that the guest reaches without us, while they are decoded. */
struct vfio_pci_area {
	struct vfio_area at; /* of its BAR */
	unsigned bar;
	void *host;
	int shown;
};

/* A range of a BAR that is never mapped: the guest sees ours. */
struct vfio_pci_hidden {
	unsigned bar;
	uint64_t offset;
	uint64_t size; /* 0: none */
};

/* Waits for an error, or for the host to want the function back. */
struct vfio_pci_trouble {
	struct loop_request request; /* first: done() hands us this */
	struct vfio_pci *pci;
	int fd;
};

enum vfio_pci_mode {
	VFIO_PCI_SILENT,
	VFIO_PCI_INTX,
	VFIO_PCI_MSI,
	VFIO_PCI_MSIX,
};

struct vfio_pci {
	struct pci_function function; /* first: pci.c hands us this */
	struct vfio_device device;
	const struct config_pci_function *facts;
	unsigned index; /* among the partition's */
	struct vfio_region config;
	uint8_t extended[PCI_EXTENDED_SIZE - PCI_CONFIG_SIZE];
	uint8_t live[PCI_CONFIG_SIZE]; /* true: the byte is the function's */
	/* Where its capabilities are; 0: it has none of the kind. */
	unsigned pm;
	unsigned express;
	unsigned msi_at;
	unsigned msix_at;
	unsigned msix_count; /* of the guest's vectors */
	/* As the function has them: */
	int has_reset; /* alone, or with the bus that it is alone on */
	unsigned master; /* may master the bus, */
	unsigned intx; /* assert INTx */
	enum vfio_pci_mode mode;
	enum vfio_pci_mode wanted; /* as the guest has enabled it */
	struct vfio_pci_bar bars[PCI_BARS];
	struct vfio_pci_area areas[CONFIG_MAX_VFIO_AREAS];
	unsigned area_count;
	struct vfio_pci_hidden table;
	struct vfio_pci_hidden pending;
	struct msi msi; /* of MSI-X or, while that is off, of MSI */
	struct msi_vector vectors[CONFIG_MAX_VFIO_VECTORS];
	struct msi_source sources[CONFIG_MAX_VFIO_VECTORS];
	int intx_trigger; /* eventfds, */
	int intx_unmask;
	int intx_handle; /* and what gic.h calls them */
	struct vfio_pci_trouble trouble;
};

/* Opens the row's function, compares it with the board's facts, resets it. */
void vfio_pci_init(const struct config_device *row);
/* Ends all DMA and interrupts of all functions, before their guest restarts. */
void vfio_pci_stop(void);

/* -- Between dev/vfio_pci*.c --------------------------------------------- */

/* A reset by the guest (PCIe FLR): as after power-on, for it and for us. */
void vfio_pci_function_reset(struct vfio_pci *pci);

/* Reads the configuration space and builds what the guest sees of it. */
void vfio_pci_config_init(struct vfio_pci *pci);
/* The guest's part of it, as after a reset. */
void vfio_pci_config_reset(struct vfio_pci *pci);
/*
 * What the function may do: master the bus, assert INTx. The latter only while
 * that is the mode: the host's line may be another's as well, and is switched
 * off for all when nobody serves it. Decoding is always on.
 */
void vfio_pci_allow(struct vfio_pci *pci, unsigned master, unsigned intx);

/* Describes the BARs, which pci_add() has to know. */
void vfio_pci_bars_init(struct vfio_pci *pci);
/* Maps what can be mapped; after the MSI-X capability is known. */
void vfio_pci_bars_map(struct vfio_pci *pci);
/* Shows mapped registers to the guest, or hides them, as it decodes BARs. */
void vfio_pci_bars_update(struct vfio_pci *pci);

void vfio_pci_irq_init(struct vfio_pci *pci);
/* Messages and modes follow what the guest wrote. */
void vfio_pci_irq_update(struct vfio_pci *pci);
/* Before a read of configuration space: MSI's pending bits are up to date. */
void vfio_pci_irq_show_pending(struct vfio_pci *pci, unsigned offset);
/* No interrupt of any kind, and none pending. */
void vfio_pci_irq_reset(struct vfio_pci *pci);
