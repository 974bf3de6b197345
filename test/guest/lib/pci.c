/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts from the device tree, then functions and their BARs. */
#include "pci.h"

#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "tree.h"

#define MAX_NODES	16u
#define MAX_HOSTS	4u
#define MAX_FUNCTIONS	32u

enum kind { OTHER, HOST, ITS, V2M, GIC };

struct prop {
	const uint8_t *value;
	uint32_t len;
};

/* What may matter of one node; the walk ends one when the next begins. */
struct node {
	enum kind kind;
	struct prop reg, ranges, map, mask, msi_map, bus_range;
	uint32_t phandle;
	uint32_t address_cells;
};

static struct node nodes[MAX_NODES + 1];
static unsigned int node_count;
static struct pci_host hosts[MAX_HOSTS];
static unsigned int host_count;
static struct pci_fn functions[MAX_FUNCTIONS];
static unsigned int function_count;

/* ---- device tree ---- */

static bool lists(const struct tree_prop *prop, const char *want)
{
	const char *p = (const char *)prop->value;
	const char *end = p + prop->len;

	while (p < end) {
		if (strcmp(p, want) == 0) {
			return true;
		}
		while (*p++ != '\0') {
		}
	}
	return false;
}

static enum kind kind_of(const struct tree_prop *prop)
{
	if (lists(prop, "pci-host-ecam-generic")) {
		return HOST;
	}
	if (lists(prop, "arm,gic-v3-its")) {
		return ITS;
	}
	if (lists(prop, "arm,gic-v2m-frame")) {
		return V2M;
	}
	if (lists(prop, "arm,gic-v3") || lists(prop, "arm,gic-400") ||
	    lists(prop, "arm,cortex-a15-gic")) {
		return GIC;
	}
	return OTHER;
}

static bool visit(void *ctx, const struct tree_prop *prop)
{
	struct node *n = &nodes[node_count];
	const struct {
		const char *name;
		struct prop *to;
	} wanted[] = {
		{ "reg", &n->reg }, { "ranges", &n->ranges },
		{ "interrupt-map", &n->map },
		{ "interrupt-map-mask", &n->mask },
		{ "msi-map", &n->msi_map }, { "bus-range", &n->bus_range },
	};

	(void)ctx;
	if (prop->name == NULL) {
		if (n->kind != OTHER && node_count < MAX_NODES) {
			node_count++;
		}
		nodes[node_count] = (struct node){ 0 };
		return true;
	}
	for (unsigned int i = 0; i < NELEM(wanted); i++) {
		if (strcmp(prop->name, wanted[i].name) == 0) {
			*wanted[i].to = (struct prop){ prop->value, prop->len };
		}
	}
	if (strcmp(prop->name, "compatible") == 0) {
		n->kind = kind_of(prop);
	} else if (strcmp(prop->name, "phandle") == 0) {
		n->phandle = tree_be32(prop->value);
	} else if (strcmp(prop->name, "#address-cells") == 0) {
		n->address_cells = tree_be32(prop->value);
	}
	return true;
}

static const struct node *by_phandle(uint32_t phandle)
{
	for (unsigned int i = 0; i < node_count; i++) {
		if (nodes[i].phandle == phandle) {
			return &nodes[i];
		}
	}
	return NULL;
}

/* Seven cells each: space and bus address, processor address, size. */
static void add_windows(struct pci_host *host, const struct prop *ranges)
{
	for (uint32_t at = 0; at + 28 <= ranges->len; at += 28) {
		const uint8_t *p = ranges->value + at;
		struct pci_window *w;

		switch (tree_be32(p) >> 24 & 3) {
		case 1:
			w = &host->window[PCI_IO];
			break;
		case 2:
			w = &host->window[PCI_MEM32];
			break;
		case 3:
			w = &host->window[PCI_MEM64];
			break;
		default:
			continue;
		}
		w->pci = tree_be64(p + 4);
		w->cpu = tree_be64(p + 12);
		w->size = tree_be64(p + 20);
		/* Nothing at 0: that is how an unassigned BAR reads. */
		w->next = w->pci == 0 ? 0x1000 : 0;
	}
}

static void add_host(const struct node *n)
{
	struct pci_host *host = &hosts[host_count++];
	uint64_t buses = tree_be64(n->reg.value + 8) >> 20;

	host->ecam = tree_be64(n->reg.value);
	host->bus_last = 255;
	if (n->bus_range.len == 8) {
		host->bus_first = tree_be32(n->bus_range.value);
		host->bus_last = tree_be32(n->bus_range.value + 4);
	}
	if (host->bus_last - host->bus_first >= buses) {
		host->bus_last = host->bus_first + (unsigned int)buses - 1;
	}
	add_windows(host, &n->ranges);
	host->map = n->map.value;
	host->map_len = n->map.len;
	host->mask = n->mask.len == 16 ? n->mask.value : NULL;
	host->msi_map = n->msi_map.value;
	host->msi_map_len = n->msi_map.len;
}

/* ---- configuration space ---- */

uint64_t pci_config_addr(const struct pci_host *host, unsigned int bus,
			 unsigned int slot, unsigned int func)
{
	return host->ecam + ((uint64_t)(bus - host->bus_first) << 20 |
			     slot << 15 | func << 12);
}

uint32_t pci_read(const struct pci_fn *f, unsigned int at, unsigned int width)
{
	switch (width) {
	case 1:
		return mmio_read8(f->config + at);
	case 2:
		return mmio_read16(f->config + at);
	default:
		return mmio_read32(f->config + at);
	}
}

void pci_write(const struct pci_fn *f, unsigned int at, unsigned int width,
	       uint32_t value)
{
	dsb();
	switch (width) {
	case 1:
		mmio_write8(f->config + at, (uint8_t)value);
		break;
	case 2:
		mmio_write16(f->config + at, (uint16_t)value);
		break;
	default:
		mmio_write32(f->config + at, value);
		break;
	}
}

void pci_enable(const struct pci_fn *f, uint32_t bits)
{
	pci_write(f, PCI_COMMAND, 2, pci_read(f, PCI_COMMAND, 2) | bits);
}

void pci_disable(const struct pci_fn *f, uint32_t bits)
{
	pci_write(f, PCI_COMMAND, 2, pci_read(f, PCI_COMMAND, 2) & ~bits);
}

unsigned int pci_cap(const struct pci_fn *f, unsigned int id,
		     unsigned int after)
{
	unsigned int at;

	if ((pci_read(f, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST) == 0) {
		return 0;
	}
	at = pci_read(f, after == 0 ? PCI_CAPABILITIES : after + 1, 1) & ~3u;
	for (unsigned int i = 0; i < 48 && at != 0; i++) {
		if (pci_read(f, at, 1) == id) {
			return at;
		}
		at = pci_read(f, at + 1, 1) & ~3u;
	}
	return 0;
}

/* ---- BARs ---- */

static enum pci_space space_of(const struct pci_bar *bar)
{
	if (bar->io) {
		return PCI_IO;
	}
	return bar->wide && bar->prefetch ? PCI_MEM64 : PCI_MEM32;
}

/* Where the processor finds an address of the bus; 0 if nowhere. */
static uint64_t to_cpu(const struct pci_host *host, const struct pci_bar *bar)
{
	for (unsigned int s = bar->io ? PCI_IO : PCI_MEM32;
	     s <= (bar->io ? PCI_IO : PCI_MEM64); s++) {
		const struct pci_window *w = &host->window[s];

		if (bar->pci - w->pci < w->size) {
			return bar->pci - w->pci + w->cpu;
		}
	}
	return 0;
}

struct pci_bar pci_size_bar(const struct pci_fn *f, unsigned int index)
{
	unsigned int at = PCI_BAR(index);
	uint32_t low = pci_read(f, at, 4);
	uint32_t high = 0;
	uint64_t mask;
	struct pci_bar bar = { .io = (low & 1) != 0 };

	bar.wide = !bar.io && (low & 6) == 4;
	bar.prefetch = !bar.io && (low & 8) != 0;
	pci_write(f, at, 4, ~0u);
	mask = pci_read(f, at, 4) & (bar.io ? ~3u : ~15u);
	pci_write(f, at, 4, low);
	if (bar.wide) {
		high = pci_read(f, at + 4, 4);
		pci_write(f, at + 4, 4, ~0u);
		mask |= (uint64_t)pci_read(f, at + 4, 4) << 32;
		pci_write(f, at + 4, 4, high);
	} else if (mask != 0) {
		mask |= 0xffffffff00000000ull;
	}
	/* Some hardware leaves out the upper half of an I/O BAR. */
	if (bar.io && mask != 0) {
		mask |= 0xffff0000;
	}
	bar.size = -mask;
	bar.pci = (uint64_t)high << 32 | (low & (bar.io ? ~3u : ~15u));
	bar.addr = to_cpu(f->host, &bar);
	return bar;
}

static void assign(const struct pci_fn *f, unsigned int index,
		   const struct pci_bar *bar)
{
	struct pci_window *w = &f->host->window[space_of(bar)];
	uint64_t offset = (w->next + bar->size - 1) & -bar->size;

	w->next = offset + bar->size;
	pci_write(f, PCI_BAR(index), 4, (uint32_t)(w->pci + offset));
	if (bar->wide) {
		pci_write(f, PCI_BAR(index) + 4, 4,
			  (uint32_t)((w->pci + offset) >> 32));
	}
}

static void add_function(struct pci_host *host, unsigned int slot,
			 unsigned int func)
{
	struct pci_fn *f = &functions[function_count++];

	*f = (struct pci_fn){ .host = host, .bus = host->bus_first,
			      .slot = slot, .func = func };
	f->config = pci_config_addr(host, f->bus, slot, func);
	f->command = pci_read(f, PCI_COMMAND, 2);
	if ((pci_read(f, PCI_HEADER_TYPE, 1) & 0x7f) != 0) {
		return;
	}
	pci_disable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		f->bar[i] = pci_size_bar(f, i);
		if (f->bar[i].size != 0 && f->bar[i].pci == 0) {
			assign(f, i, &f->bar[i]);
			f->bar[i] = pci_size_bar(f, i);
		}
		i += f->bar[i].wide;
	}
}

static void scan(struct pci_host *host)
{
	for (unsigned int slot = 0; slot < 32; slot++) {
		unsigned int last = 0;

		for (unsigned int func = 0; func <= last; func++) {
			uint64_t at = pci_config_addr(host, host->bus_first,
						      slot, func);

			if (mmio_read16(at) == 0xffff ||
			    function_count == MAX_FUNCTIONS) {
				continue;
			}
			if (func == 0 && mmio_read8(at + PCI_HEADER_TYPE) >>
			    7 != 0) {
				last = 7;
			}
			add_function(host, slot, func);
		}
	}
}

void pci_init(void)
{
	if (host_count != 0 || !tree_valid(guest_fdt())) {
		return;
	}
	(void)tree_walk(guest_fdt(), visit, NULL);
	node_count += nodes[node_count].kind != OTHER &&
		      node_count < MAX_NODES;
	for (unsigned int i = 0; i < node_count; i++) {
		if (nodes[i].kind == HOST && host_count < MAX_HOSTS &&
		    nodes[i].reg.len == 16) {
			add_host(&nodes[i]);
		}
	}
	for (unsigned int i = 0; i < host_count; i++) {
		scan(&hosts[i]);
	}
}

struct pci_host *pci_host(unsigned int i)
{
	return i < host_count ? &hosts[i] : NULL;
}

struct pci_fn *pci_fn(unsigned int i)
{
	return i < function_count ? &functions[i] : NULL;
}

/* ---- interrupts ---- */

/*
 * A row: unit address (3 cells), pin, parent, the parent's unit address, its
 * interrupt specifier (3 cells of a GIC).
 */
unsigned int pci_intx(const struct pci_fn *f)
{
	const struct pci_host *host = f->host;
	uint32_t unit = f->bus << 16 | f->slot << 11 | f->func << 8;
	uint32_t pin = pci_read(f, PCI_INTERRUPT_PIN, 1);
	uint32_t at = 0;

	while (at + 20 <= host->map_len && host->mask != NULL && pin != 0) {
		const uint8_t *row = host->map + at;
		const struct node *parent = by_phandle(tree_be32(row + 16));
		const uint8_t *irq;

		if (parent == NULL) {
			return 0;
		}
		irq = row + 20 + 4 * parent->address_cells;
		if (((tree_be32(row) ^ unit) & tree_be32(host->mask)) == 0 &&
		    ((tree_be32(row + 12) ^ pin) &
		     tree_be32(host->mask + 12)) == 0) {
			return tree_be32(irq) == 0 && tree_be32(irq + 8) == 4
				? INTID_SPI(tree_be32(irq + 4)) : 0;
		}
		at += 32 + 4 * parent->address_cells;
	}
	return 0;
}

/* Rows of four cells: first requester id, controller, first id, count. */
struct msi_controller pci_msi(const struct pci_fn *f)
{
	struct msi_controller c = { MSI_NONE, 0, 0 };
	uint32_t rid = f->bus << 8 | f->slot << 3 | f->func;

	for (uint32_t at = 0; at + 16 <= f->host->msi_map_len; at += 16) {
		const uint8_t *row = f->host->msi_map + at;
		const struct node *n = by_phandle(tree_be32(row + 4));

		if (n == NULL || rid - tree_be32(row) >= tree_be32(row + 12) ||
		    n->reg.len < 16) {
			continue;
		}
		c.kind = n->kind == ITS ? MSI_ITS :
			 n->kind == V2M ? MSI_V2M : MSI_NONE;
		c.base = tree_be64(n->reg.value);
		c.device_id = rid - tree_be32(row) + tree_be32(row + 8);
	}
	return c;
}
