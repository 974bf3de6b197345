/* SPDX-License-Identifier: Apache-2.0 */
/* Base address registers: where they lie, how they read, who answers there. */
#include <linux/pci_regs.h>
#include <stddef.h>

#include "dev/pci_bus.h"

#define ALL_ONES (~0ull)
#define LOW_PLACE 0x8000 /* of PCI_BAR_LOW_MAX, in the slot's share */
#define HOST_PLACES 8 /* for BARs, in the slot's share */

/* -- Addresses and registers --------------------------------------------- */

static int is_64bit(const struct pci_bar *bar)
{
	return (bar->flags & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0;
}

static enum pci_space space_of(const struct pci_function *function,
			       unsigned bar)
{
	const struct pci_bar *b = &function->bars[bar];

	if ((b->flags & PCI_BASE_ADDRESS_SPACE_IO) != 0) {
		return PCI_IO;
	}
	return is_64bit(b) && b->size > pci_bus_of(function)->low_max ?
		       PCI_MEM64 :
		       PCI_MEM32;
}

static const struct pci_aperture *
aperture_of(const struct pci_function *function, unsigned bar)
{
	return &pci_bus_of(function)->apertures[space_of(function, bar)];
}

/*
 * Where a BAR lies within its slot's share of the aperture: at a place of its
 * own. On our own buses the one low 64-bit BAR has a place of its own kind.
 */
static uint64_t place_of(const struct pci_function *function, unsigned bar)
{
	if (function->bus != PCI_BUS_HOST &&
	    space_of(function, bar) == PCI_MEM32 &&
	    is_64bit(&function->bars[bar])) {
		return LOW_PLACE;
	}
	return bar * aperture_of(function, bar)->bar_size;
}

uint64_t pci_bar_gpa(const struct pci_function *function, unsigned bar)
{
	const struct pci_aperture *aperture = aperture_of(function, bar);

	return aperture->gpa + function->slot * aperture->slot_size +
	       place_of(function, bar);
}

/* What a BAR holds: I/O addresses count from the start of their window. */
static uint64_t bar_value(const struct pci_function *function, unsigned bar)
{
	uint64_t gpa = pci_bar_gpa(function, bar);

	if (space_of(function, bar) == PCI_IO) {
		gpa -= pci_bus_of(function)->apertures[PCI_IO].gpa;
	}
	return gpa;
}

/* The BARs' registers: six in a row, and the ROM's. */
static unsigned bar_register(unsigned index)
{
	return index == PCI_ROM ? PCI_ROM_ADDRESS :
				  PCI_BASE_ADDRESS_0 + 4 * index;
}

/* Which of them has that offset; PCI_BARS: none. */
unsigned pci_bar_index(unsigned offset)
{
	unsigned index;

	for (index = 0; index < PCI_BARS; index++) {
		if (offset - bar_register(index) < 4) {
			break;
		}
	}
	return index;
}

static int is_upper_half(const struct pci_function *function, unsigned index)
{
	return index > 0 && index < PCI_ROM &&
	       function->bars[index - 1].size != 0 &&
	       is_64bit(&function->bars[index - 1]);
}

/* Recomputes what a BAR's register reads as. */
void pci_bar_show(struct pci_function *function, unsigned index)
{
	int upper = is_upper_half(function, index);
	unsigned bar = upper ? index - 1 : index;
	const struct pci_bar *b = &function->bars[bar];
	uint32_t flags = b->flags;
	uint64_t value;

	if (b->size == 0) {
		return;
	}
	if (bar == PCI_ROM) {
		flags = function->config[PCI_ROM_ADDRESS] &
			PCI_ROM_ADDRESS_ENABLE;
	}
	value = (function->sizing >> index & 1) != 0 ? ~(b->size - 1) :
						       bar_value(function, bar);
	pci_put(function, bar_register(index), 4,
		upper ? (uint32_t)(value >> 32) : (uint32_t)value | flags);
}

/* All ones in the address bits ask for the size; the address is fixed. */
void pci_bar_write(struct pci_function *function, unsigned index,
		   unsigned offset, unsigned size, uint32_t value)
{
	uint64_t bytes = function->bars[index].size;
	uint32_t mask = is_upper_half(function, index) ? ~0u :
							 ~(uint32_t)(bytes - 1);

	if (index == PCI_ROM) {
		mask &= PCI_ROM_ADDRESS_MASK;
		if (bytes != 0 && offset == PCI_ROM_ADDRESS) {
			function->config[offset] =
				(uint8_t)(value & PCI_ROM_ADDRESS_ENABLE);
		}
	}
	function->sizing &= (uint8_t) ~(1u << index);
	if (size == 4 && (value & mask) == mask) {
		function->sizing |= (uint8_t)(1u << index);
	}
	pci_bar_show(function, index);
}

int pci_bar_decoded(const struct pci_function *function, unsigned bar)
{
	int io = space_of(function, bar) == PCI_IO;

	return !function->asleep &&
	       pci_command(function,
			   io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY) &&
	       (bar != PCI_ROM || (function->config[PCI_ROM_ADDRESS] &
				   PCI_ROM_ADDRESS_ENABLE) != 0);
}

/* -- Accesses ------------------------------------------------------------ */

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
		uint64_t size = function->bars[bar].size;
		uint64_t in_bar;

		if (size == 0 || space_of(function, bar) != space) {
			continue;
		}
		in_bar = *offset - place_of(function, bar);
		if (in_bar < size && pci_bar_decoded(function, bar)) {
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
	if (!function) {
		return;
	}
	access->offset %= aperture->slot_size;
	bar = find_bar(function, aperture->space, &access->offset);
	(void)pci_bar_access(function, bar, access);
}

/* -- Set-up -------------------------------------------------------------- */

static void add_aperture(struct pci_bus *bus, enum pci_space space,
			 uint64_t gpa, uint64_t size, uint64_t bar_size)
{
	struct pci_aperture *aperture = &bus->apertures[space];

	aperture->bus = bus;
	aperture->space = space;
	aperture->gpa = gpa;
	aperture->slot_size = size / bus->slot_count;
	aperture->bar_size = bar_size;
	mmio_claim(&(struct mmio_window){
		.gpa = gpa,
		.size = size,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = aperture_access,
		.ctx = aperture,
	});
}

/* One of our own buses: its share of each window; a BAR a space, but MEM32. */
void pci_bar_own_apertures(struct pci_bus *bus,
			   const struct config_pci *windows)
{
	unsigned n = bus->number;

	bus->low_max = PCI_BAR_LOW_MAX;
	add_aperture(bus, PCI_IO, windows->io_gpa + n * PCI_IO_SIZE,
		     PCI_IO_SIZE, 0);
	add_aperture(bus, PCI_MEM32, windows->mem32_gpa + n * PCI_MEM32_SIZE,
		     PCI_MEM32_SIZE, PCI_BAR_MEM32_MAX);
	add_aperture(bus, PCI_MEM64, windows->mem64_gpa + n * PCI_MEM64_SIZE,
		     PCI_MEM64_SIZE, 0);
}

void pci_bar_host_apertures(struct pci_bus *bus,
			    const struct config_pci *windows)
{
	bus->low_max = PCI_HOST_BAR_LOW_MAX;
	add_aperture(bus, PCI_IO, windows->io_gpa, PCI_IO_SIZE, PCI_BAR_IO_MAX);
	add_aperture(bus, PCI_MEM32, windows->mem32_gpa, PCI_HOST_MEM32_SIZE,
		     PCI_HOST_BAR_LOW_MAX);
	add_aperture(bus, PCI_MEM64, windows->mem64_gpa, PCI_MEM64_SIZE,
		     PCI_BAR_MEM64_MAX);
}

_Static_assert(PCI_IO_SIZE / PCI_SLOTS == PCI_BAR_IO_MAX &&
		       LOW_PLACE >= PCI_BARS * PCI_BAR_MEM32_MAX &&
		       PCI_MEM32_SIZE / PCI_SLOTS ==
			       LOW_PLACE + PCI_BAR_LOW_MAX &&
		       PCI_MEM64_SIZE / PCI_SLOTS == PCI_BAR_MEM64_MAX,
	       "a slot's share has room for its BARs");
_Static_assert(PCI_BARS <= HOST_PLACES &&
		       PCI_IO_SIZE / PCI_HOST_SLOTS >=
			       HOST_PLACES * PCI_BAR_IO_MAX &&
		       PCI_HOST_MEM32_SIZE / PCI_HOST_SLOTS >=
			       HOST_PLACES * PCI_HOST_BAR_LOW_MAX &&
		       PCI_MEM64_SIZE / PCI_HOST_SLOTS >=
			       HOST_PLACES * (uint64_t)PCI_BAR_MEM64_MAX,
	       "and that of the host's functions");
