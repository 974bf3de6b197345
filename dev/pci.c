/* SPDX-License-Identifier: Apache-2.0 */
/* Generic ECAM host bridges. */
#include "dev/pci.h"

#include <linux/pci_regs.h>
#include <stddef.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"

#define ALL_ONES (~0ull)
#define FUNCTION_SIZE 0x1000 /* of configuration space, as ECAM has it */
#define CAPABILITIES 0x40 /* the first one's offset */
#define BAR_DWORD(offset) (((offset)-PCI_BASE_ADDRESS_0) / 4)

enum space {
	SPACE_IO,
	SPACE_MEM32,
	SPACE_MEM64,
};

struct bus {
	struct pci_function *slots[PCI_SLOTS];
	struct aperture {
		struct bus *bus;
		enum space space;
		uint64_t gpa;
		uint64_t slot_size; /* bytes that each slot has of it */
	} apertures[3];
	uint64_t ecam_gpa;
	unsigned spi; /* of INTA */
	unsigned levels; /* bit n: line n is high */
	unsigned number;
	int present;
};

static struct bus buses[PCI_BUSES];
static const struct config_pci *windows;

/* Bits of the header that a guest may change; all others it may not. */
static const struct {
	uint8_t offset;
	uint8_t bits;
} header_writable[] = {
	{ PCI_COMMAND,
	  PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER },
	{ PCI_COMMAND + 1, PCI_COMMAND_INTX_DISABLE >> 8 },
	{ PCI_CACHE_LINE_SIZE, 0xff },
	{ PCI_INTERRUPT_LINE, 0xff },
};

/* -- Registers ----------------------------------------------------------- */

uint32_t pci_get(const struct pci_function *function, unsigned offset,
		 unsigned size)
{
	uint32_t value = 0;

	memcpy(&value, &function->config[offset], size);
	return value;
}

void pci_put(struct pci_function *function, unsigned offset, unsigned size,
	     uint32_t value)
{
	memcpy(&function->config[offset], &value, size);
}

unsigned pci_add_capability(struct pci_function *function, unsigned id,
			    unsigned bytes)
{
	unsigned offset = function->next_capability;

	BUG_ON(offset + bytes > PCI_CONFIG_SIZE);
	function->next_capability = (offset + bytes + 3) & ~3u;
	function->config[offset] = (uint8_t)id;
	/* The head of the list is the last one added. */
	function->config[offset + 1] = function->config[PCI_CAPABILITY_LIST];
	function->config[PCI_CAPABILITY_LIST] = (uint8_t)offset;
	return offset;
}

uint32_t pci_device_id(const struct pci_function *function)
{
	return (uint32_t)function->bus << 8 | (uint32_t)function->slot << 3;
}

/* -- BARs ---------------------------------------------------------------- */

static enum space space_of(const struct pci_bar *bar)
{
	if ((bar->flags & PCI_BASE_ADDRESS_SPACE_IO) != 0) {
		return SPACE_IO;
	}
	return (bar->flags & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0 ? SPACE_MEM64 :
								  SPACE_MEM32;
}

/* Where a BAR lies within its slot's share of the aperture. */
static uint64_t place_of(const struct pci_function *function, unsigned bar)
{
	return space_of(&function->bars[bar]) == SPACE_MEM32 ?
		       (uint64_t)bar * PCI_BAR_MEM32_MAX :
		       0;
}

uint64_t pci_bar_gpa(const struct pci_function *function, unsigned bar)
{
	const struct aperture *aperture =
		&buses[function->bus].apertures[space_of(&function->bars[bar])];

	return aperture->gpa + function->slot * aperture->slot_size +
	       place_of(function, bar);
}

/* What a BAR holds: I/O addresses count from the start of their window. */
static uint64_t bar_value(const struct pci_function *function, unsigned bar)
{
	uint64_t gpa = pci_bar_gpa(function, bar);

	if (space_of(&function->bars[bar]) == SPACE_IO) {
		gpa -= buses[function->bus].apertures[SPACE_IO].gpa;
	}
	return gpa;
}

static int is_upper_half(const struct pci_function *function, unsigned dword)
{
	return dword > 0 && function->bars[dword - 1].size != 0 &&
	       space_of(&function->bars[dword - 1]) == SPACE_MEM64;
}

/* Recomputes what a BAR's register reads as. */
static void show_bar(struct pci_function *function, unsigned dword)
{
	int upper = is_upper_half(function, dword);
	unsigned bar = upper ? dword - 1 : dword;
	const struct pci_bar *b = &function->bars[bar];
	uint64_t value;

	if (b->size == 0) {
		return;
	}
	value = (function->sizing >> dword & 1) != 0 ? ~(b->size - 1) :
						       bar_value(function, bar);
	pci_put(function, PCI_BASE_ADDRESS_0 + 4 * dword, 4,
		upper ? (uint32_t)(value >> 32) : (uint32_t)value | b->flags);
}

/* All ones in the address bits ask for the size; the address is fixed. */
static void write_bar(struct pci_function *function, unsigned offset,
		      unsigned size, uint32_t value)
{
	unsigned dword = BAR_DWORD(offset);
	uint64_t bytes = function->bars[dword].size;
	uint32_t mask = is_upper_half(function, dword) ? ~0u :
							 ~(uint32_t)(bytes - 1);

	function->sizing &= (uint8_t) ~(1u << dword);
	if (size == 4 && (value & mask) == mask) {
		function->sizing |= (uint8_t)(1u << dword);
	}
	show_bar(function, dword);
}

static int decoded(const struct pci_function *function, enum space space)
{
	unsigned bit = space == SPACE_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

	return (function->config[PCI_COMMAND] & bit) != 0;
}

int pci_bar_access(struct pci_function *function, unsigned bar,
		   struct mmio_access *access)
{
	const struct pci_bar *b;

	if (bar >= PCI_BARS) {
		return 0;
	}
	b = &function->bars[bar];
	if (b->size == 0 || access->offset >= b->size ||
	    access->size > b->size - access->offset ||
	    (b->widths & access->size) == 0 ||
	    (access->offset & (access->size - 1)) != 0) {
		return 0;
	}
	b->handler(b->ctx, access);
	return 1;
}

/* The BAR of that space that has the offset in the slot's share. */
static unsigned find_bar(const struct pci_function *function, enum space space,
			 uint64_t *offset)
{
	unsigned bar;

	for (bar = 0; bar < PCI_BARS; bar++) {
		uint64_t in_bar = *offset - place_of(function, bar);

		if (function->bars[bar].size != 0 &&
		    space_of(&function->bars[bar]) == space &&
		    in_bar < function->bars[bar].size) {
			*offset = in_bar;
			return bar;
		}
	}
	return PCI_BARS;
}

/* Nobody there, or not decoded: all ones, as a master abort reads. */
static void aperture_access(void *ctx, struct mmio_access *access)
{
	const struct aperture *aperture = ctx;
	uint64_t slot = access->offset / aperture->slot_size;
	struct pci_function *function = aperture->bus->slots[slot];
	unsigned bar;

	if (!access->write) {
		access->value = ALL_ONES;
	}
	if (!function || !decoded(function, aperture->space)) {
		return;
	}
	access->offset %= aperture->slot_size;
	bar = find_bar(function, aperture->space, &access->offset);
	(void)pci_bar_access(function, bar, access);
}

/* -- INTx ---------------------------------------------------------------- */

/* Functions of a slot share a line with those of every fourth one. */
static unsigned intx_line(unsigned slot)
{
	return slot % PCI_INTX;
}

static void update_line(struct bus *bus, unsigned line)
{
	unsigned level = 0;
	unsigned slot;

	for (slot = line; slot < PCI_SLOTS; slot += PCI_INTX) {
		const struct pci_function *function = bus->slots[slot];

		if (function && function->intx &&
		    (pci_get(function, PCI_COMMAND, 2) &
		     PCI_COMMAND_INTX_DISABLE) == 0) {
			level = 1;
		}
	}
	if ((bus->levels >> line & 1) != level) {
		bus->levels ^= 1u << line;
		gic_set_level(bus->spi + line, (int)level);
	}
}

void pci_set_intx(struct pci_function *function, int level)
{
	uint8_t *status = &function->config[PCI_STATUS];

	function->intx = level;
	*status = (uint8_t)(level ? *status | PCI_STATUS_INTERRUPT :
				    *status & ~PCI_STATUS_INTERRUPT);
	update_line(&buses[function->bus], intx_line(function->slot));
}

/* -- Configuration space ------------------------------------------------- */

static void config_read(struct pci_function *function,
			struct mmio_access *access)
{
	unsigned offset = (unsigned)access->offset % FUNCTION_SIZE;

	if (offset >= PCI_CONFIG_SIZE) {
		access->value = 0; /* no extended capabilities */
		return;
	}
	if (function->read) {
		function->read(function, offset, access->size);
	}
	access->value = pci_get(function, offset, access->size);
}

static void config_write(struct pci_function *function,
			 const struct mmio_access *access)
{
	unsigned offset = (unsigned)access->offset % FUNCTION_SIZE;
	uint32_t value = (uint32_t)access->value;
	unsigned i;

	if (offset >= PCI_CONFIG_SIZE) {
		return;
	}
	if (offset >= PCI_BASE_ADDRESS_0 && offset < PCI_CARDBUS_CIS) {
		write_bar(function, offset, access->size, value);
		return;
	}
	for (i = 0; i < access->size; i++) {
		uint8_t may = function->writable[offset + i];
		uint8_t *byte = &function->config[offset + i];

		*byte = (uint8_t)((*byte & ~may) | (value >> (8 * i) & may));
	}
	if (offset < PCI_STATUS && offset + access->size > PCI_COMMAND) {
		update_line(&buses[function->bus], intx_line(function->slot));
	}
	if (function->written) {
		function->written(function, offset);
	}
}

static void ecam_access(void *ctx, struct mmio_access *access)
{
	const struct bus *bus = ctx;
	uint64_t devfn = access->offset / FUNCTION_SIZE;
	struct pci_function *function = bus->slots[devfn >> 3];

	if (!function || (devfn & 7) != 0) {
		access->value = ALL_ONES;
	} else if (access->write) {
		config_write(function, access);
	} else {
		config_read(function, access);
	}
}

/* -- Set-up -------------------------------------------------------------- */

void pci_init(const struct config_pci *config)
{
	windows = config;
}

static void add_aperture(struct bus *bus, enum space space, uint64_t gpa,
			 uint64_t size)
{
	struct aperture *aperture = &bus->apertures[space];

	aperture->bus = bus;
	aperture->space = space;
	aperture->gpa = gpa + bus->number * size;
	aperture->slot_size = size / PCI_SLOTS;
	mmio_claim(&(struct mmio_window){
		.gpa = aperture->gpa,
		.size = size,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = aperture_access,
		.ctx = aperture,
	});
}

static void add_bus(struct bus *bus, unsigned number)
{
	bus->present = 1;
	bus->number = number;
	bus->spi = windows->spi + PCI_INTX * number;
	bus->ecam_gpa = windows->ecam_gpa + number * PCI_ECAM_SIZE;
	mmio_claim(&(struct mmio_window){
		.gpa = bus->ecam_gpa,
		.size = PCI_ECAM_SIZE,
		.widths = MMIO_1 | MMIO_2 | MMIO_4,
		.handler = ecam_access,
		.ctx = bus,
	});
	add_aperture(bus, SPACE_IO, windows->io_gpa, PCI_IO_SIZE);
	add_aperture(bus, SPACE_MEM32, windows->mem32_gpa, PCI_MEM32_SIZE);
	add_aperture(bus, SPACE_MEM64, windows->mem64_gpa, PCI_MEM64_SIZE);
}

_Static_assert(PCI_IO_SIZE / PCI_SLOTS == PCI_BAR_IO_MAX &&
		       PCI_MEM32_SIZE / PCI_SLOTS >=
			       PCI_BARS * PCI_BAR_MEM32_MAX &&
		       PCI_MEM64_SIZE / PCI_SLOTS == PCI_BAR_MEM64_MAX,
	       "a slot's share has room for its BARs");

void pci_add(struct pci_function *function, const struct pci_id *id)
{
	struct bus *bus = &buses[function->bus];
	unsigned i;

	BUG_ON(bus->slots[function->slot]);
	if (!bus->present) {
		add_bus(bus, function->bus);
	}
	bus->slots[function->slot] = function;
	function->next_capability = CAPABILITIES;
	pci_put(function, PCI_VENDOR_ID, 2, id->vendor);
	pci_put(function, PCI_DEVICE_ID, 2, id->device);
	pci_put(function, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	pci_put(function, PCI_CLASS_REVISION, 4,
		id->class_code << 8 | id->revision);
	pci_put(function, PCI_SUBSYSTEM_VENDOR_ID, 2, id->subsystem_vendor);
	pci_put(function, PCI_SUBSYSTEM_ID, 2, id->subsystem);
	pci_put(function, PCI_INTERRUPT_PIN, 1, 1);
	for (i = 0; i < sizeof(header_writable) / sizeof(header_writable[0]);
	     i++) {
		function->writable[header_writable[i].offset] =
			header_writable[i].bits;
	}
	for (i = 0; i < PCI_BARS; i++) {
		show_bar(function, i);
	}
}

/* -- Device tree --------------------------------------------------------- */

/* PCI bus binding to IEEE 1275: space code of a range's first cell. */
static const uint32_t space_code[] = {
	[SPACE_IO] = 0x01000000,
	[SPACE_MEM32] = 0x02000000,
	[SPACE_MEM64] = 0x43000000,
};

static void ranges_dt(const struct bus *bus, struct dt *dt)
{
	uint32_t cells[3 * 7];
	uint32_t *to = cells;
	unsigned i;

	for (i = 0; i < 3; i++, to += 7) {
		const struct aperture *aperture = &bus->apertures[i];
		uint64_t at = i == SPACE_IO ? 0 : aperture->gpa;
		uint64_t size = PCI_SLOTS * aperture->slot_size;

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
static void intx_dt(const struct bus *bus, struct dt *dt)
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

static void bus_dt(const struct bus *bus, struct dt *dt)
{
	const uint64_t reg[] = { bus->ecam_gpa, PCI_ECAM_SIZE };
	const uint32_t range[] = { bus->number, bus->number };
	const uint32_t msi_map[] = { bus->number << 8, DT_PHANDLE_MSI,
				     bus->number << 8, 0x100 };

	dt_begin_at(dt, "pcie", bus->ecam_gpa);
	dt_string(dt, "compatible", "pci-host-ecam-generic");
	dt_string(dt, "device_type", "pci");
	dt_u32(dt, "#address-cells", 3);
	dt_u32(dt, "#size-cells", 2);
	dt_u32(dt, "#interrupt-cells", 1);
	dt_u32(dt, "linux,pci-domain", 0);
	/* BARs stay where they are. */
	dt_u32(dt, "linux,pci-probe-only", 1);
	dt_cells(dt, "bus-range", range, 2);
	dt_reg(dt, reg, 1);
	dt_flag(dt, "dma-coherent");
	ranges_dt(bus, dt);
	intx_dt(bus, dt);
	if (gic_has_msi()) {
		dt_cells(dt, "msi-map", msi_map, 4);
	}
	dt_end(dt);
}

void pci_dt(struct dt *dt)
{
	unsigned i;

	for (i = 0; i < PCI_BUSES; i++) {
		if (buses[i].present) {
			bus_dt(&buses[i], dt);
		}
	}
}
