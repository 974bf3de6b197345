/* SPDX-License-Identifier: Apache-2.0 */
/* The host bridges' nodes (binding "pci-host-ecam-generic", IEEE 1275). */
#include <string.h>

#include "core/gic.h"
#include "dev/pci_bus.h"

/* PCI bus binding to IEEE 1275: space code of a range's first cell. */
static const uint32_t space_code[] = {
	[PCI_IO] = 0x01000000,
	[PCI_MEM32] = 0x02000000,
	[PCI_MEM64] = 0x43000000,
};

static void ranges_dt(const struct pci_bus *bus, struct dt *dt)
{
	uint32_t cells[3 * 7];
	uint32_t *to = cells;
	unsigned i;

	for (i = 0; i < 3; i++, to += 7) {
		const struct pci_aperture *aperture = &bus->apertures[i];
		uint64_t at = i == PCI_IO ? 0 : aperture->gpa;
		uint64_t size = bus->slot_count * aperture->slot_size;

		to[0] = space_code[i];
		to[1] = (uint32_t)(at >> 32);
		to[2] = (uint32_t)at;
		to[3] = (uint32_t)(aperture->gpa >> 32);
		to[4] = (uint32_t)aperture->gpa;
		to[5] = (uint32_t)(size >> 32);
		to[6] = (uint32_t)size;
	}
	dt_cells(dt, "ranges", cells, 3 * 7);
}

/* INTA of slot n is line n % 4; a function here has no other pin. */
static void intx_dt(const struct pci_bus *bus, struct dt *dt)
{
	const uint32_t mask[] = { (PCI_INTX - 1) << 11, 0, 0, 7 };
	uint32_t cells[PCI_INTX * 10];
	uint32_t *to = cells;
	uint32_t line;

	for (line = 0; line < PCI_INTX; line++, to += 10) {
		const uint32_t entry[10] = { line << 11,
					     0,
					     0,
					     1,
					     DT_PHANDLE_GIC,
					     0,
					     0,
					     0,
					     bus->spi + line,
					     DT_IRQ_LEVEL_HIGH };

		memcpy(to, entry, sizeof(entry));
	}
	dt_cells(dt, "interrupt-map-mask", mask, 4);
	dt_cells(dt, "interrupt-map", cells, PCI_INTX * 10);
}

/* Requester ids to the ITS's device ids: see pci_device_id(). */
static void msi_dt(const struct pci_bus *bus, struct dt *dt)
{
	const uint32_t same[] = { bus->number << 8, DT_PHANDLE_MSI,
				  bus->number << 8, 0x100 };
	uint32_t cells[PCI_HOST_SLOTS * 4];
	uint32_t *to = cells;
	uint32_t slot;

	if (bus->number != PCI_BUS_HOST) {
		dt_cells(dt, "msi-map", same, 4);
		return;
	}
	for (slot = 0; slot < PCI_HOST_SLOTS; slot++, to += 4) {
		const uint32_t entry[4] = { bus->number << 8 | slot << 3,
					    DT_PHANDLE_MSI, slot, 1 };

		memcpy(to, entry, sizeof(entry));
	}
	dt_cells(dt, "msi-map", cells, PCI_HOST_SLOTS * 4);
}

static void bus_dt(const struct pci_bus *bus, struct dt *dt)
{
	const uint64_t reg[] = { bus->ecam_gpa, PCI_ECAM_SIZE };
	const uint32_t range[] = { bus->number, bus->number };

	dt_begin_at(dt, "pcie", bus->ecam_gpa);
	dt_string(dt, "compatible", "pci-host-ecam-generic");
	dt_string(dt, "device_type", "pci");
	dt_u32(dt, "#address-cells", 3);
	dt_u32(dt, "#size-cells", 2);
	dt_u32(dt, "#interrupt-cells", 1);
	/* Linux does not let two host bridges share one. */
	dt_u32(dt, "linux,pci-domain", bus->number);
	/* BARs stay where they are. */
	dt_u32(dt, "linux,pci-probe-only", 1);
	dt_cells(dt, "bus-range", range, 2);
	dt_reg(dt, reg, 1);
	dt_flag(dt, "dma-coherent");
	ranges_dt(bus, dt);
	intx_dt(bus, dt);
	if (gic_has_msi()) {
		msi_dt(bus, dt);
	}
	dt_end(dt);
}

void pci_dt(struct dt *dt)
{
	unsigned i;

	for (i = 0; i < PCI_BUS_COUNT; i++) {
		const struct pci_bus *bus = pci_bus(i);

		if (bus) {
			bus_dt(bus, dt);
		}
	}
}
