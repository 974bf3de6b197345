/* SPDX-License-Identifier: Apache-2.0 */
/* Generic ECAM host bridges. */
#include "dev/pci.h"

#include <linux/pci_regs.h>
#include <stddef.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "dev/pci_bus.h"

#define ALL_ONES (~0ull)
#define FUNCTION_SIZE 0x1000 /* of configuration space, as ECAM has it */
#define CAPABILITIES 0x40 /* the first one's offset */
#define LOW_PLACE 0x8000 /* of PCI_BAR_LOW_MAX, in the slot's share */
#define BAR_DWORD(offset) (((offset)-PCI_BASE_ADDRESS_0) / 4)

static struct pci_bus buses[PCI_BUSES];
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
	function->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	return offset;
}

uint32_t pci_device_id(const struct pci_function *function)
{
	return (uint32_t)function->bus << 8 | (uint32_t)function->slot << 3;
}

/* -- BARs ---------------------------------------------------------------- */

static int is_64bit(const struct pci_bar *bar)
{
	return (bar->flags & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0;
}

static enum pci_space space_of(const struct pci_bar *bar)
{
	if ((bar->flags & PCI_BASE_ADDRESS_SPACE_IO) != 0) {
		return PCI_IO;
	}
	return is_64bit(bar) && bar->size > PCI_BAR_LOW_MAX ? PCI_MEM64 :
							      PCI_MEM32;
}

/* Where a BAR lies within its slot's share of the aperture. */
static uint64_t place_of(const struct pci_function *function, unsigned bar)
{
	const struct pci_bar *b = &function->bars[bar];

	if (space_of(b) != PCI_MEM32) {
		return 0;
	}
	return is_64bit(b) ? LOW_PLACE : (uint64_t)bar * PCI_BAR_MEM32_MAX;
}

uint64_t pci_bar_gpa(const struct pci_function *function, unsigned bar)
{
	const struct pci_aperture *aperture =
		&buses[function->bus].apertures[space_of(&function->bars[bar])];

	return aperture->gpa + function->slot * aperture->slot_size +
	       place_of(function, bar);
}

/* What a BAR holds: I/O addresses count from the start of their window. */
static uint64_t bar_value(const struct pci_function *function, unsigned bar)
{
	uint64_t gpa = pci_bar_gpa(function, bar);

	if (space_of(&function->bars[bar]) == PCI_IO) {
		gpa -= buses[function->bus].apertures[PCI_IO].gpa;
	}
	return gpa;
}

static int is_upper_half(const struct pci_function *function, unsigned dword)
{
	return dword > 0 && function->bars[dword - 1].size != 0 &&
	       is_64bit(&function->bars[dword - 1]);
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

static int decoded(const struct pci_function *function, enum pci_space space)
{
	unsigned bit = space == PCI_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

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
static unsigned find_bar(const struct pci_function *function,
			 enum pci_space space, uint64_t *offset)
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
	const struct pci_aperture *aperture = ctx;
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

static void update_line(struct pci_bus *bus, unsigned line)
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
	const struct pci_bus *bus = ctx;
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

static void add_aperture(struct pci_bus *bus, enum pci_space space,
			 uint64_t gpa, uint64_t size)
{
	struct pci_aperture *aperture = &bus->apertures[space];

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

static void add_bus(struct pci_bus *bus, unsigned number)
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
	add_aperture(bus, PCI_IO, windows->io_gpa, PCI_IO_SIZE);
	add_aperture(bus, PCI_MEM32, windows->mem32_gpa, PCI_MEM32_SIZE);
	add_aperture(bus, PCI_MEM64, windows->mem64_gpa, PCI_MEM64_SIZE);
}

_Static_assert(PCI_IO_SIZE / PCI_SLOTS == PCI_BAR_IO_MAX &&
		       LOW_PLACE >= PCI_BARS * PCI_BAR_MEM32_MAX &&
		       PCI_MEM32_SIZE / PCI_SLOTS ==
			       LOW_PLACE + PCI_BAR_LOW_MAX &&
		       PCI_MEM64_SIZE / PCI_SLOTS == PCI_BAR_MEM64_MAX,
	       "a slot's share has room for its BARs");

void pci_add(struct pci_function *function, const struct pci_id *id)
{
	struct pci_bus *bus = &buses[function->bus];
	unsigned i;

	BUG_ON(bus->slots[function->slot]);
	if (!bus->present) {
		add_bus(bus, function->bus);
	}
	bus->slots[function->slot] = function;
	function->next_capability = CAPABILITIES;
	pci_put(function, PCI_VENDOR_ID, 2, id->vendor);
	pci_put(function, PCI_DEVICE_ID, 2, id->device);
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

/* Slot 0 of bus 0: nothing that a driver binds to, but it is looked for. */
static void add_host_bridge(void)
{
	static const struct pci_id id = {
		.vendor = 0x1b36, /* as QEMU's for the same binding */
		.device = 0x0008,
		.class_code = 0x060000,
	};
	static struct pci_function bridge = { .bus = PCI_BUS_EMULATED };

	pci_add(&bridge, &id);
	pci_put(&bridge, PCI_INTERRUPT_PIN, 1, 0);
}

void pci_init(const struct config_pci *config)
{
	windows = config;
	if (config->ecam_gpa != 0) {
		add_host_bridge();
	}
}

const struct pci_bus *pci_bus(unsigned number)
{
	return buses[number].present ? &buses[number] : NULL;
}
