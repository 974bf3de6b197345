/* SPDX-License-Identifier: Apache-2.0 */
/* MSI-X: tables, pending bits, and the capability of an emulated function. */
#include "dev/msix.h"

#include <linux/pci_regs.h>
#include <string.h>

#include "core/log.h"

#define CAPABILITY_BYTES 12
#define CONTROL_HIGH (PCI_MSIX_FLAGS + 1) /* the byte that can be written */
#define PBA 0x800 /* offset of the pending bits in the BAR */

/* -- Table and pending bits ---------------------------------------------- */

static uint32_t read_table(const struct msi_vector *vector, unsigned reg)
{
	switch (reg) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		return (uint32_t)vector->message.address;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		return (uint32_t)(vector->message.address >> 32);
	case PCI_MSIX_ENTRY_DATA:
		return vector->message.data;
	default:
		return vector->masked ? PCI_MSIX_ENTRY_CTRL_MASKBIT : 0;
	}
}

static void write_table(struct msi *msi, unsigned index, unsigned reg,
			uint32_t value)
{
	uint64_t address = msi->vectors[index].message.address;
	uint32_t data = msi->vectors[index].message.data;

	switch (reg) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		mmio_set_half(&address, 0, value & ~3u);
		break;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		mmio_set_half(&address, 1, value);
		break;
	case PCI_MSIX_ENTRY_DATA:
		data = value;
		break;
	default:
		msi_set_masked(msi, index,
			       (value & PCI_MSIX_ENTRY_CTRL_MASKBIT) != 0);
		return;
	}
	msi_set_message(msi, index, address, data);
}

/* Calls one for each aligned dword: an access of 8 bytes is two of them. */
static void by_dword(struct msi *msi, struct mmio_access *access,
		     uint32_t (*one)(struct msi *msi, uint64_t offset,
				     const uint32_t *write))
{
	uint32_t dwords[2];
	uint64_t value = 0;
	unsigned i;

	memcpy(dwords, &access->value, sizeof(dwords));
	for (i = 0; i < access->size / 4; i++) {
		value |= (uint64_t)one(msi, access->offset + 4 * i,
				       access->write ? &dwords[i] : NULL)
			 << (32 * i);
	}
	if (!access->write) {
		access->value = value;
	}
}

static uint32_t table_dword(struct msi *msi, uint64_t offset,
			    const uint32_t *write)
{
	uint64_t index = offset / PCI_MSIX_ENTRY_SIZE;
	unsigned reg = (unsigned)(offset % PCI_MSIX_ENTRY_SIZE);

	if (index >= msi->count) {
		return 0;
	}
	if (write) {
		write_table(msi, (unsigned)index, reg, *write);
	}
	return read_table(&msi->vectors[index], reg);
}

void msix_access_table(struct msi *msi, struct mmio_access *access)
{
	by_dword(msi, access, table_dword);
}

static uint32_t pending_dword(struct msi *msi, uint64_t offset,
			      const uint32_t *write)
{
	return write || 8 * offset >= msi->count ?
		       0 :
		       msi_pending(msi, (unsigned)offset / 4);
}

void msix_access_pending(struct msi *msi, struct mmio_access *access)
{
	by_dword(msi, access, pending_dword);
}

/* -- Emulated functions -------------------------------------------------- */

static void access_bar(void *ctx, struct mmio_access *access)
{
	struct msix *msix = ctx;

	if (access->offset < PBA) {
		msix_access_table(&msix->msi, access);
	} else {
		access->offset -= PBA;
		msix_access_pending(&msix->msi, access);
		access->offset += PBA;
	}
}

void msix_config_written(struct msix *msix)
{
	uint32_t control = pci_get(msix->msi.function,
				   msix->capability + PCI_MSIX_FLAGS, 2);

	msix->msi.enabled = (control & PCI_MSIX_FLAGS_ENABLE) != 0;
	msix->msi.all_masked = (control & PCI_MSIX_FLAGS_MASKALL) != 0;
	msi_update(&msix->msi);
}

void msix_init(struct msix *msix, struct pci_function *function, unsigned bar,
	       unsigned count)
{
	unsigned at;

	BUG_ON(count > CONFIG_MAX_VECTORS);
	at = pci_add_capability(function, PCI_CAP_ID_MSIX, CAPABILITY_BYTES);
	pci_put(function, at + PCI_MSIX_FLAGS, 2, count - 1);
	pci_put(function, at + PCI_MSIX_TABLE, 4, bar);
	pci_put(function, at + PCI_MSIX_PBA, 4, PBA | bar);
	function->writable[at + CONTROL_HIGH] =
		(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8;
	msix->capability = at;
	msi_init(&msix->msi, function, msix->vectors, msix->sources, count);
}

struct pci_bar msix_bar(struct msix *msix)
{
	return (struct pci_bar){
		.size = MSIX_BAR_SIZE,
		.widths = MMIO_4 | MMIO_8,
		.handler = access_bar,
		.ctx = msix,
	};
}
