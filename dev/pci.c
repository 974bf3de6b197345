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
#define CAPABILITIES 0x40 /* the first one's offset */

static struct pci_bus buses[PCI_BUS_COUNT];
static const struct config_pci *windows;
static const struct config_pci *host_windows;

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

int pci_command(const struct pci_function *function, unsigned bits)
{
	return (pci_get(function, PCI_COMMAND, 2) & bits) != 0;
}

/*
 * KVM looks up each message in a tree that is the deeper the larger the number
 * is: real devices get the smallest. No other function has them, since the only
 * one of bus 0's first slot, the bridge, sends no messages.
 */
uint32_t pci_device_id(const struct pci_function *function)
{
	if (function->bus == PCI_BUS_HOST) {
		return function->slot;
	}
	return (uint32_t)function->bus << 8 | (uint32_t)function->slot << 3;
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
		    !pci_command(function, PCI_COMMAND_INTX_DISABLE)) {
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
	update_line(pci_bus_of(function), intx_line(function->slot));
}

unsigned pci_intx_spi(const struct pci_function *function)
{
	return pci_bus_of(function)->spi + intx_line(function->slot);
}

/* -- Configuration space ------------------------------------------------- */

static void config_read(struct pci_function *function,
			struct mmio_access *access)
{
	unsigned offset = (unsigned)access->offset % PCI_EXTENDED_SIZE;

	if (offset >= PCI_CONFIG_SIZE) {
		access->value = 0;
		if (function->extended) {
			memcpy(&access->value,
			       &function->extended[offset - PCI_CONFIG_SIZE],
			       access->size);
		}
		return;
	}
	if (function->read) {
		function->read(function, offset);
	}
	access->value = pci_get(function, offset, access->size);
}

static void config_write(struct pci_function *function,
			 const struct mmio_access *access)
{
	unsigned offset = (unsigned)access->offset % PCI_EXTENDED_SIZE;
	uint32_t value = (uint32_t)access->value;
	unsigned bar = pci_bar_index(offset);
	unsigned i;

	if (offset >= PCI_CONFIG_SIZE) {
		return;
	}
	if (bar < PCI_BARS) {
		pci_bar_write(function, bar, offset, access->size, value);
	}
	for (i = 0; i < access->size; i++) {
		uint8_t may = function->writable[offset + i];
		uint8_t *byte = &function->config[offset + i];

		*byte = (uint8_t)((*byte & ~may) | (value >> (8 * i) & may));
	}
	if (offset < PCI_STATUS && offset + access->size > PCI_COMMAND) {
		update_line(pci_bus_of(function), intx_line(function->slot));
	}
	if (function->written) {
		function->written(function, offset, access->size);
	}
}

static void ecam_access(void *ctx, struct mmio_access *access)
{
	const struct pci_bus *bus = ctx;
	uint64_t devfn = access->offset / PCI_EXTENDED_SIZE;
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

static void add_bus(struct pci_bus *bus, unsigned number)
{
	bus->present = 1;
	bus->number = number;
	if (number == PCI_BUS_HOST) {
		bus->slot_count = PCI_HOST_SLOTS;
		bus->spi = host_windows->spi;
		bus->ecam_gpa = host_windows->ecam_gpa;
		pci_bar_host_apertures(bus, host_windows);
	} else {
		bus->slot_count = PCI_SLOTS;
		bus->spi = windows->spi + PCI_INTX * number;
		bus->ecam_gpa = windows->ecam_gpa + number * PCI_ECAM_SIZE;
		pci_bar_own_apertures(bus, windows);
	}
	mmio_claim(&(struct mmio_window){
		.gpa = bus->ecam_gpa,
		.size = PCI_ECAM_SIZE,
		.widths = MMIO_1 | MMIO_2 | MMIO_4,
		.handler = ecam_access,
		.ctx = bus,
	});
}

void pci_add(struct pci_function *function, const struct pci_id *id)
{
	struct pci_bus *bus = pci_bus_of(function);
	unsigned i;

	BUG_ON(bus->slots[function->slot]);
	if (!bus->present) {
		add_bus(bus, function->bus);
	}
	BUG_ON(function->slot >= bus->slot_count);
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
		pci_bar_show(function, i);
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

void pci_init(const struct config_pci *config, const struct config_pci *host)
{
	windows = config;
	host_windows = host;
	if (config->ecam_gpa != 0) {
		add_host_bridge();
	}
}

struct pci_bus *pci_bus_of(const struct pci_function *function)
{
	return &buses[function->bus];
}

const struct pci_bus *pci_bus(unsigned number)
{
	return buses[number].present ? &buses[number] : NULL;
}
