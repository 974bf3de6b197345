/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space: every offset and width (M56), fields that accesses
 * straddle (M55), functions that do not exist, unaligned accesses and the
 * capability list (M57), the interrupt line (M58). Whatever is written, what
 * identifies a function stays, and the function works after its own reset.
 */
#include "arm.h"
#include "check.h"
#include "pcialive.h"
#include "say.h"
#include "trap.h"
#include "viopci.h"

static const unsigned int widths[] = { 1, 2, 4 };

/* Registers as they were found, to write back. */
static uint32_t before[PCI_CONFIG_SIZE / 4];

/* ---- what must never change ---- */

#define MAX_CAPS 48u

struct identity {
	uint32_t device, class, subsystem, first_cap;
	uint8_t header, pin;
	unsigned int caps;
	uint32_t cap[MAX_CAPS];		/* offset << 16, next, id */
	uint32_t virtio[8][4];		/* virtio structures */
	uint32_t msix[2];		/* table and PBA */
};

/* 0 or a line: the list must end, inside of 0x40 to 0xff. */
static int identify(const struct pci_fn *f, struct identity *id)
{
	unsigned int structures = 0;
	unsigned int at;

	*id = (struct identity){
		.device = pci_read(f, PCI_VENDOR_ID, 4),
		.class = pci_read(f, PCI_CLASS, 4),
		.subsystem = pci_read(f, PCI_SUBSYSTEM_VENDOR, 4),
		.first_cap = pci_read(f, PCI_CAPABILITIES, 1),
		.header = (uint8_t)pci_read(f, PCI_HEADER_TYPE, 1),
		.pin = (uint8_t)pci_read(f, PCI_INTERRUPT_PIN, 1),
	};
	MUST(id->pin <= 4);
	at = id->first_cap;
	if ((pci_read(f, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST) == 0) {
		MUST(at == 0);
	}
	while (at != 0) {
		uint32_t head;

		MUST(at >= 0x40 && at < 0xff && at % 4 == 0);
		MUST(id->caps < MAX_CAPS);
		head = pci_read(f, at, 2);
		id->cap[id->caps++] = at << 16 | head;
		if ((head & 0xff) == PCI_CAP_ID_MSIX) {
			id->msix[0] = pci_read(f, at + MSIX_TABLE, 4);
			id->msix[1] = pci_read(f, at + MSIX_PBA, 4);
		}
		/* All but the access window, which is there to be written. */
		if ((head & 0xff) == PCI_CAP_ID_VENDOR && structures < 8 &&
		    pci_read(f, at + VIRTIO_PCI_CAP_TYPE, 1) !=
		    VIRTIO_PCI_CAP_PCI) {
			for (unsigned int i = 0; i < 4; i++) {
				id->virtio[structures][i] =
					pci_read(f, at + 4 * i, 4);
			}
			structures++;
		}
		at = head >> 8;
	}
	return 0;
}

static int unchanged(const struct pci_fn *f, const struct identity *was)
{
	struct identity is;

	MUST_PASS(identify(f, &is));
	MUST(is.device == was->device);
	MUST(is.class == was->class);
	MUST(is.subsystem == was->subsystem);
	MUST(is.header == was->header && is.pin == was->pin);
	MUST(is.caps == was->caps);
	MUST(memcmp(is.cap, was->cap, sizeof(is.cap)) == 0);
	MUST(memcmp(is.virtio, was->virtio, sizeof(is.virtio)) == 0);
	MUST(memcmp(is.msix, was->msix, sizeof(is.msix)) == 0);
	return 0;
}

/* pci_cfg_data: an access to it is one to whatever the window names. */
static bool is_window_data(const struct pci_fn *f, unsigned int at)
{
	unsigned int cap = 0;

	if (at < 0x40 || at >= 0x100) {
		return false; /* where no capability can be */
	}
	while ((cap = pci_cap(f, PCI_CAP_ID_VENDOR, cap)) != 0) {
		if (pci_read(f, cap + VIRTIO_PCI_CAP_TYPE, 1) ==
		    VIRTIO_PCI_CAP_PCI &&
		    (at & ~3u) == cap + VIRTIO_PCI_CAP_MORE) {
			return true;
		}
	}
	return false;
}

static void save(const struct pci_fn *f)
{
	for (unsigned int at = 0; at < PCI_CONFIG_SIZE; at += 4) {
		before[at / 4] = is_window_data(f, at) ? 0
						       : pci_read(f, at, 4);
	}
}

/* Capabilities first (power states), COMMAND last, when BARs are right. */
static void restore(const struct pci_fn *f)
{
	pci_write(f, PCI_COMMAND, 4, 0);
	for (unsigned int at = 0x40; at < PCI_CONFIG_SIZE; at += 4) {
		if (!is_window_data(f, at)) {
			pci_write(f, at, 4, before[at / 4]);
		}
	}
	for (unsigned int at = 8; at < 0x40; at += 4) {
		pci_write(f, at, 4, before[at / 4]);
	}
	pci_write(f, PCI_COMMAND, 2, before[1] & 0xffff);
}

/* ---- cases ---- */

static int functions(void)
{
	const struct pci_fn *f;
	unsigned int bridges = 0;

	MUST(pci_host(0) != NULL);
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		uint32_t class = pci_read(f, PCI_CLASS, 4) >> 8;

		say("  %x:%x.%u %x class %x pin %u\n", f->bus, f->slot,
		    f->func, pci_read(f, 0, 4), class,
		    pci_read(f, PCI_INTERRUPT_PIN, 1));
		MUST((pci_read(f, PCI_HEADER_TYPE, 1) & 0x7f) == 0);
		bridges += class == PCI_CLASS_HOST_BRIDGE;
	}
	MUST(bridges >= 1);
	return 0;
}

/* Sub-fields read alone are what they are in their register. */
static int m56_reads(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		struct identity id;

		MUST_PASS(identify(f, &id));
		for (unsigned int at = 0; at < PCI_CONFIG_SIZE; at++) {
			uint32_t all = pci_read(f, at & ~3u, 4);
			uint32_t part = all >> at % 4 * 8;

			if (is_window_data(f, at)) {
				continue;
			}
			MUST(pci_read(f, at, 1) == (part & 0xff));
			MUST(at % 2 != 0 ||
			     pci_read(f, at, 2) == (part & 0xffff));
		}
		MUST_PASS(unchanged(f, &id));
	}
	return 0;
}

static void junk(const struct pci_fn *f, unsigned int width)
{
	static const uint32_t values[] = { 0xa5a5a5a5, 0, 0xffffffff };

	/* Extended space has less in it, and is large: every 16th. */
	for (unsigned int at = 0; at < PCI_CONFIG_SIZE;
	     at += at < 256 ? width : 16) {
		for (unsigned int v = 0; v < NELEM(values) && at < 256; v++) {
			pci_write(f, at, width, values[v]);
		}
		pci_write(f, at, width, prng());
	}
}

static int m56_junk_writes(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		struct identity id;

		MUST_PASS(identify(f, &id));
		save(f);
		for (unsigned int w = 0; w < NELEM(widths); w++) {
			junk(f, widths[w]);
			MUST_PASS(unchanged(f, &id));
			restore(f);
			MUST_PASS(unchanged(f, &id));
			MUST_PASS(pci_function_alive(f));
		}
		/* Wholly restored: what can be read without a side effect */
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			MUST(pci_read(f, PCI_BAR(b), 4) == before[4 + b]);
		}
	}
	return 0;
}

/* Two registers in one access, in the middle of fields on both sides. */
static int m55_straddling_writes(void)
{
	static const uint32_t values[] = { 0xffffffff, 0, 0x5a5a5a5a };
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		uint64_t nc = alias_map(f->config);
		struct identity id;

		MUST_PASS(identify(f, &id));
		save(f);
		for (unsigned int at = 1; at < 0x100; at++) {
			for (unsigned int v = 0; v < NELEM(values); v++) {
				(void)probe_write(nc + at, 2, values[v]);
				(void)probe_write(nc + at, 4, values[v]);
				(void)probe_write(nc + at, 8, values[v]);
			}
		}
		(void)probe_write(nc + PCI_CONFIG_SIZE - 1, 1, 0xff);
		MUST_PASS(unchanged(f, &id));
		restore(f);
		MUST_PASS(unchanged(f, &id));
		MUST_PASS(pci_function_alive(f));
	}
	return 0;
}

/* An abort, all ones, or the bytes that are there: nothing else. */
static int m57_unaligned(void)
{
	unsigned int aborts = 0;
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		uint64_t nc = alias_map(f->config);
		struct identity id;
		uint64_t value;

		MUST_PASS(identify(f, &id));
		for (unsigned int at = 1; at < PCI_CONFIG_SIZE; at += 2) {
			aborts += !probe_read(nc + at, 2, &value);
			aborts += !probe_read(nc + at, 4, &value);
			aborts += !probe_read(nc + at + 1, 4, &value);
			aborts += !probe_read(nc + at + 3, 8, &value);
		}
		MUST_PASS(unchanged(f, &id));
	}
	say("  %u aborts\n", aborts);
	return 0;
}

static int absent(const struct pci_host *host, unsigned int bus,
		  unsigned int slot, unsigned int func)
{
	static const unsigned int offsets[] = { 0, 4, 0x10, 0x34, 0x3c, 0x40,
						0xfc, 0x100, 0xffc };
	uint64_t config = pci_config_addr(host, bus, slot, func);

	for (unsigned int i = 0; i < NELEM(offsets); i++) {
		uint64_t at = config + offsets[i];

		MUST(mmio_read32(at) == 0xffffffff);
		MUST(mmio_read16(at + 2) == 0xffff);
		MUST(mmio_read8(at + 3) == 0xff);
		mmio_write32(at, 0);
		mmio_write16(at, 0);
		mmio_write8(at, 0);
		MUST(mmio_read32(at) == 0xffffffff);
	}
	return 0;
}

static bool is_there(const struct pci_host *host, unsigned int slot,
		     unsigned int func)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		if (f->host == host && f->slot == slot && f->func == func) {
			return true;
		}
	}
	return false;
}

static int m57_absent_functions(void)
{
	const struct pci_host *host;

	for (unsigned int h = 0; (host = pci_host(h)) != NULL; h++) {
		for (unsigned int i = 0; i < 256; i++) {
			if (!is_there(host, i / 8, i % 8)) {
				MUST_PASS(absent(host, host->bus_first, i / 8,
						 i % 8));
			}
		}
		for (unsigned int bus = host->bus_first + 1;
		     bus <= host->bus_last; bus += 6) {
			MUST_PASS(absent(host, bus, 0, 0));
			MUST_PASS(absent(host, bus, 31, 7));
		}
	}
	return 0;
}

/* identify() walks the list; the extended one begins at 0x100. */
static int m57_capabilities_end(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		struct identity id;
		unsigned int at = 0x100;
		unsigned int count = 0;

		MUST_PASS(identify(f, &id));
		for (unsigned int c = 0; c < id.caps; c++) {
			for (unsigned int other = 0; other < c; other++) {
				MUST(id.cap[c] >> 16 != id.cap[other] >> 16);
			}
		}
		while (at != 0) {
			uint32_t head = pci_read(f, at, 4);

			if (head == 0 || head == 0xffffffff) {
				break;
			}
			at = head >> 20;
			MUST(at == 0 || at >= 0x100);
			MUST(++count < 960);
		}
		say("  %x:%x.%u %u capabilities, %u extended\n", f->bus,
		    f->slot, f->func, id.caps, count);
	}
	return 0;
}

/* A scratch register for software, or none; the pin is the function's. */
static int m58_line_and_pin(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		uint32_t line = pci_read(f, PCI_INTERRUPT_LINE, 1);
		uint32_t pin = pci_read(f, PCI_INTERRUPT_PIN, 1);

		for (uint32_t v = 0; v < 256; v++) {
			uint32_t is;

			pci_write(f, PCI_INTERRUPT_LINE, 1, v);
			is = pci_read(f, PCI_INTERRUPT_LINE, 1);
			MUST(is == v || is == line);
			pci_write(f, PCI_INTERRUPT_PIN, 1, v);
			MUST(pci_read(f, PCI_INTERRUPT_PIN, 1) == pin);
		}
		pci_write(f, PCI_INTERRUPT_LINE, 1, line);
		MUST_PASS(pci_function_alive(f));
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "pci_functions", functions },
		{ "m56_reads", m56_reads },
		{ "m57_absent_functions", m57_absent_functions },
		{ "m57_unaligned", m57_unaligned },
		{ "m57_capabilities_end", m57_capabilities_end },
		{ "m58_line_and_pin", m58_line_and_pin },
		{ "m55_straddling_writes", m55_straddling_writes },
		{ "m56_junk_writes", m56_junk_writes },
	};

	MUST_PASS(pci_setup());
	return run_cases(cases, NELEM(cases), pci_alive);
}
