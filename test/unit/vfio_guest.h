/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with PCI cards of the host, and its guest's side of them. */
#pragma once

#include <linux/pci_regs.h>

#include "dev/vfio_pci.h"
#include "test/unit/fake_vfio.h"
#include "test/unit/pci_guest.h"

#define HOST_ECAM 0x3f200000ull
#define HOST_IO 0x3ef00000ull
#define HOST_MEM32 0x20000000ull
#define HOST_MEM64 0x9000000000ull
#define HOST_SPI 11u
#define ITS 0x08080000ull
#define TRANSLATER (ITS + 0x10040)
#define CARD "0000:00:02.0"
#define CARD2 "0000:00:03.0"
#define DECODED (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)
#define BAR64 PCI_BASE_ADDRESS_MEM_TYPE_64
#define BAR_IO PCI_BASE_ADDRESS_SPACE_IO

/* RAM, GICv3 with ITS, PCI windows; no card yet. */
void vfio_host(void);
/* The same with a GICv2m frame instead of an ITS. */
void vfio_host_gicv2(void);

/*
 * A card with vfio-pci, a group and a node of its own, that can be reset; its
 * id is 1234:5678; INTx, but no BAR and no capability.
 */
struct fake_card *vfio_card(const char *host);
void vfio_set(struct fake_card *card, unsigned offset, unsigned size,
	      uint32_t value);
/* A BAR that can be mapped (memory), filled with what tells its places. */
void vfio_card_bar(struct fake_card *card, unsigned bar, uint64_t size,
		   uint32_t flags);
/* A capability at the end of the list. */
void vfio_card_capability(struct fake_card *card, unsigned id, unsigned at);
void vfio_card_msix(struct fake_card *card, unsigned at, unsigned count,
		    uint32_t table, uint32_t pba);
void vfio_card_msi(struct fake_card *card, unsigned at, unsigned flags);
/* A card for each row of the config, as its board describes it. */
void vfio_cards_of_config(void);

/* What a board header says of that card, if it is right. */
struct config_pci_function vfio_facts(struct fake_card *card);
/* A host that has what the config's rows name: disks and cards. */
void vfio_startup_host(void);

/* Gives it to the guest; its configuration space. */
uint64_t vfio_add(struct fake_card *card, unsigned slot);
uint64_t vfio_add_with(const struct config_pci_function *facts, unsigned slot);
/* A host with one card, whose BAR 0 has so many bytes; the guest decodes it. */
struct fake_card *vfio_card_with(uint64_t size);
uint64_t vfio_add_decoded(struct fake_card *card);
/* Giving it is refused, with EXIT_VFIO and one line that ends so. */
void vfio_refused(struct fake_card *card, const char *line);
/* The same because the kernel answers an ioctl with that error. */
void vfio_kernel_refuses(struct fake_card *card, unsigned long request,
			 long error, const char *line);
/* The guest has these ranges of the BAR for itself, and no others. */
void vfio_mapped(const struct fake_card *card, uint64_t cfg, unsigned bar,
		 const struct fake_area *areas, unsigned n);
/* Where the guest has a BAR. */
uint64_t vfio_bar(uint64_t cfg, unsigned bar);
/* How many writes the card has seen since the last call; config's or all. */
unsigned vfio_writes(void);
/* The newest write, to configuration space. */
const struct fake_access *vfio_last_write(void);
void vfio_forget(void);
/* The log's text so far has this in it. */
int vfio_logged(const char *text);
