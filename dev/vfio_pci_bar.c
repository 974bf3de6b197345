/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of the host's functions. Pages that the kernel lets us map are
 * memory of the guest while it decodes their BAR, but for those with the MSI-X
 * table or pending bits; what is not mapped is trapped, and forwarded.
 */
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stddef.h>

#include "core/log.h"
#include "core/mem.h"
#include "dev/msix.h"
#include "dev/vfio_pci.h"

/* Memory windows before ours. */
#define FIRST_WINDOW CONFIG_MAX_SHMEM
_Static_assert(VFIO_PCI_ROM_REGION_INDEX == PCI_ROM, "regions are BARs");

static int touches(const struct vfio_pci_hidden *hidden, unsigned bar,
		   uint64_t offset)
{
	return hidden->bar == bar && offset - hidden->offset < hidden->size;
}

/* -- Trapped registers --------------------------------------------------- */

/* What the function itself keeps pending, for vectors not connected yet. */
static uint64_t pending_in_function(const struct vfio_pci_bar *bar,
				    const struct mmio_access *access)
{
	const struct vfio_pci *pci = bar->pci;
	unsigned first = 8 * (unsigned)(access->offset - pci->pending.offset);
	uint64_t bits = vfio_read(&pci->device, &bar->region, access->offset,
				  access->size);
	unsigned i;

	for (i = 0; i < 64; i++) {
		unsigned vector = first + i;

		if (vector >= pci->msix_count ||
		    (pci->mode == VFIO_PCI_MSIX &&
		     pci->sources[vector].fd >= 0)) {
			bits &= ~(1ull << i);
		}
	}
	return access->size == 8 ? bits : (uint32_t)bits;
}

/* Table and pending bits are ours; an access is of 4 or 8 bytes, or nothing. */
static void access_hidden(struct vfio_pci_bar *bar, struct mmio_access *access,
			  const struct vfio_pci_hidden *hidden,
			  void (*ours)(struct msi *, struct mmio_access *))
{
	struct vfio_pci *pci = bar->pci;
	uint64_t in_function = 0;

	if (access->size < 4) {
		return;
	}
	if (hidden == &pci->pending && !access->write) {
		in_function = pending_in_function(bar, access);
	}
	access->offset -= hidden->offset;
	ours(&pci->msi, access);
	access->offset += hidden->offset;
	access->value |= in_function;
}

static void access_bar(void *ctx, struct mmio_access *access)
{
	struct vfio_pci_bar *bar = ctx;
	struct vfio_pci *pci = bar->pci;
	unsigned index = (unsigned)(bar - pci->bars);

	if (touches(&pci->table, index, access->offset)) {
		access_hidden(bar, access, &pci->table, msix_access_table);
	} else if (touches(&pci->pending, index, access->offset)) {
		access_hidden(bar, access, &pci->pending, msix_access_pending);
	} else {
		vfio_access(&pci->device, &bar->region, access);
	}
}

/* -- Set-up -------------------------------------------------------------- */

static void check_place(const struct vfio_pci *pci, unsigned bar,
			uint32_t flags)
{
	uint64_t size = pci->bars[bar].region.size;
	uint64_t most = PCI_HOST_BAR_LOW_MAX;

	if ((flags & PCI_BASE_ADDRESS_SPACE_IO) != 0) {
		most = PCI_BAR_IO_MAX;
	} else if ((flags & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0) {
		most = PCI_BAR_MEM64_MAX;
	}
	if ((size & (size - 1)) != 0 || size < 4 || size > most) {
		vfio_refuse(&pci->device,
			    "BAR %u has 0x%llx bytes, which is no power of "
			    "two, or more than the 0x%llx that it can have",
			    bar, (unsigned long long)size,
			    (unsigned long long)most);
	}
}

/* The kind of a BAR: what its register has in its low bits. */
static uint32_t kind_of(const struct vfio_pci *pci, unsigned bar)
{
	uint32_t value;

	if (bar == PCI_ROM) {
		return 0;
	}
	value = (uint32_t)vfio_read(&pci->device, &pci->config,
				    PCI_BASE_ADDRESS_0 + 4 * bar, 4);
	return (value & PCI_BASE_ADDRESS_SPACE_IO) != 0 ?
		       PCI_BASE_ADDRESS_SPACE_IO :
		       value & ~(uint32_t)PCI_BASE_ADDRESS_MEM_MASK;
}

static void describe(struct vfio_pci *pci, unsigned bar)
{
	struct vfio_pci_bar *b = &pci->bars[bar];
	uint32_t flags = kind_of(pci, bar);

	check_place(pci, bar, flags);
	if ((flags & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0 &&
	    (bar == PCI_ROM - 1 || b[1].region.size != 0)) {
		vfio_refuse(&pci->device,
			    "BAR %u has 64 bits and no upper half", bar);
	}
	pci->function.bars[bar] = (struct pci_bar){
		.size = b->region.size,
		.flags = flags,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = access_bar,
		.ctx = b,
	};
}

void vfio_pci_bars_init(struct vfio_pci *pci)
{
	unsigned bar;

	for (bar = 0; bar < PCI_BARS; bar++) {
		pci->bars[bar].pci = pci;
		vfio_region(&pci->device, bar, &pci->bars[bar].region);
	}
	for (bar = 0; bar < PCI_BARS; bar++) {
		if (pci->bars[bar].region.size != 0) {
			describe(pci, bar);
		}
	}
}

/* -- Mapped registers ---------------------------------------------------- */

static void map_area(struct vfio_pci *pci, unsigned bar, uint64_t start,
		     uint64_t end)
{
	struct vfio_pci_area *area = &pci->areas[pci->area_count];

	if (start >= end) {
		return;
	}
	if (pci->area_count == CONFIG_MAX_VFIO_AREAS) {
		vfio_refuse(&pci->device, "more than %u ranges to map",
			    CONFIG_MAX_VFIO_AREAS);
	}
	area->at = (struct vfio_area){ .offset = start, .size = end - start };
	area->bar = bar;
	area->host = vfio_map(&pci->device, &pci->bars[bar].region, &area->at);
	if (area->host) {
		pci->area_count++;
	} else {
		log_line("%s: host device %s: BAR %u from 0x%llx cannot be "
			 "mapped; its registers are trapped",
			 pci->device.name, pci->device.host, bar,
			 (unsigned long long)start);
	}
}

/* The next page from offset on that touches the hidden range, or end. */
static uint64_t next_hidden(const struct vfio_pci_hidden *hidden, unsigned bar,
			    uint64_t offset, uint64_t end)
{
	uint64_t page = config_board.page_size;
	uint64_t first = hidden->offset & ~(page - 1);
	uint64_t last = hidden->offset + hidden->size;

	if (hidden->size == 0 || hidden->bar != bar || offset >= last) {
		return end;
	}
	return first > offset ? first : offset;
}

/* Maps [offset, end) around the pages that are never mapped. */
static void map_around(struct vfio_pci *pci, unsigned bar, uint64_t offset,
		       uint64_t end)
{
	while (offset < end) {
		uint64_t table = next_hidden(&pci->table, bar, offset, end);
		uint64_t pending = next_hidden(&pci->pending, bar, offset, end);
		uint64_t stop = table < pending ? table : pending;

		if (stop > end) {
			stop = end;
		}
		map_area(pci, bar, offset, stop);
		offset = stop + config_board.page_size;
	}
}

void vfio_pci_bars_map(struct vfio_pci *pci)
{
	unsigned bar;
	unsigned i;

	for (bar = 0; bar < PCI_ROM; bar++) {
		const struct vfio_region *region = &pci->bars[bar].region;

		for (i = 0; i < region->area_count; i++) {
			const struct vfio_area *area = &region->areas[i];

			map_around(pci, bar, area->offset,
				   area->offset + area->size);
		}
	}
}

void vfio_pci_bars_update(struct vfio_pci *pci)
{
	unsigned first = FIRST_WINDOW + pci->index * CONFIG_MAX_VFIO_AREAS;
	unsigned i;

	for (i = 0; i < pci->area_count; i++) {
		struct vfio_pci_area *area = &pci->areas[i];
		int show = pci_bar_decoded(&pci->function, area->bar);

		if (show != area->shown) {
			area->shown = show;
			mem_show_window(first + i,
					pci_bar_gpa(&pci->function, area->bar) +
						area->at.offset,
					show ? area->at.size : 0, area->host);
		}
	}
}
