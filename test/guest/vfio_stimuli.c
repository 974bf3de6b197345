/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M52 to M57 of the threat list on functions of the host: what a hostile
 * driver does to configuration space, BARs, power states and decoding. After
 * each case every function works again, and so does the VMM's own disk.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"
#include "nvme.h"
#include "trap.h"
#include "tree.h"

#define CAP_PM		0x01
#define CAP_EXPRESS	0x10
#define PM_CONTROL	4
#define PM_STATE	3u
#define DEVCAP		4
#define DEVCTL		8
#define DEVCTL_FLR	0x8000u
#define DEVCAP_FLR	(1u << 28)
#define WINDOW_TYPE	5	/* cfg_type of virtio's access window */
#define RAM_PATTERN(at)	((at) ^ 0x5aa5c33c0ff0a55aull)

static const unsigned int widths[] = { 1, 2, 4, 8 };
static const uint64_t ones[] = { 0xff, 0xffff, 0xffffffff, ~0ull };
static struct edu edu;
static struct nvme nvme;

static int ram_is_whole(void)
{
	for (uint64_t at = ram_free(); at < ram_end(); at += 8) {
		MUST(*(volatile uint64_t *)at == RAM_PATTERN(at));
	}
	return 0;
}

static void fill_ram(void)
{
	for (uint64_t at = ram_free(); at < ram_end(); at += 8) {
		*(volatile uint64_t *)at = RAM_PATTERN(at);
	}
}

/*
 * Length and data of virtio's window into its registers: the lab's emulator
 * ends in an assertion when they are used, on whatever host.
 */
static unsigned int deadly(const struct pci_fn *f)
{
	unsigned int cap = 0;

	do {
		cap = pci_cap(f, PCI_CAP_ID_VENDOR, cap);
	} while (cap != 0 && pci_read(f, cap + 3, 1) != WINDOW_TYPE);
	return cap == 0 ? PCI_CONFIG_SIZE : cap + 12;
}

static bool kills_the_lab(unsigned int from, unsigned int at,
			  unsigned int width)
{
	return at < from + 8 && at + width > from;
}

/* ---- configuration space ---- */

static int m56_reads(void)
{
	const struct pci_fn *f;
	uint64_t value;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int at = 0; at < PCI_CONFIG_SIZE; at += 4) {
			uint32_t word = pci_read(f, at, 4);

			for (unsigned int k = 0; k < 4; k++) {
				MUST(pci_read(f, at + k, 1) ==
				     (word >> 8 * k & 0xff));
			}
			MUST(pci_read(f, at, 2) == (word & 0xffff));
			MUST(pci_read(f, at + 2, 2) == word >> 16);
			(void)probe_read(f->config + at, 8, &value);
		}
	}
	return 0;
}

/* M55, M56: every offset and width, one value after the other. */
static int junk(const struct pci_fn *f, uint32_t value)
{
	uint32_t id = pci_read(f, PCI_VENDOR_ID, 4);
	uint32_t class = pci_read(f, PCI_CLASS, 4);
	unsigned int head = pci_read(f, PCI_CAPABILITIES, 1);
	unsigned int avoid = deadly(f);

	for (unsigned int w = 1; w <= 4; w *= 2) {
		for (unsigned int at = 0; at < PCI_CONFIG_SIZE; at += w) {
			if (!kills_the_lab(avoid, at, w)) {
				pci_write(f, at, w, value);
			}
		}
	}
	MUST(pci_read(f, PCI_VENDOR_ID, 4) == id);
	MUST(pci_read(f, PCI_CLASS, 4) == class);
	MUST(pci_read(f, PCI_CAPABILITIES, 1) == head);
	MUST(pci_read(f, PCI_INTERRUPT_PIN, 1) == 1);
	card_on(f);
	return 0;
}

static int m56_writes(void)
{
	static const uint32_t values[] = { 0xffffffff, 0x5a5a5a5a };
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int v = 0; v < NELEM(values); v++) {
			MUST_PASS(junk(f, values[v]));
		}
		MUST_PASS(junk(f, prng()));
	}
	return 0;
}

/* M55, M57: across fields, over the end, unaligned, 8 bytes. */
static int m57_unaligned(void)
{
	const struct pci_fn *f;
	uint64_t value;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		uint32_t id = pci_read(f, PCI_VENDOR_ID, 4);
		uint64_t base = alias_map(f->config);
		unsigned int avoid = deadly(f);

		for (unsigned int at = 1; at < 0x100; at++) {
			(void)probe_read(base + at, 2, &value);
			(void)probe_read(base + at, 4, &value);
			(void)probe_read(base + at, 8, &value);
			if (at % 4 == 0 || kills_the_lab(avoid, at, 8)) {
				continue;
			}
			(void)probe_write(base + at, 4, ~0ull);
			(void)probe_write(base + at, 8, ~0ull);
		}
		MUST(pci_read(f, PCI_VENDOR_ID, 4) == id);
		card_on(f);
	}
	return 0;
}

/* M57: what is not there reads ones, and nothing happens to what is. */
static int m57_absent(void)
{
	const struct pci_host *host = edu.fn->host;
	uint64_t value;

	for (unsigned int slot = 0; slot < 32; slot++) {
		for (unsigned int func = 0; func < 8; func++) {
			uint64_t at = pci_config_addr(host, host->bus_first,
						      slot, func);

			if (mmio_read16(at) != 0xffff) {
				MUST(func == 0);
				continue;
			}
			for (unsigned int w = 0; w < 3; w++) {
				MUST(probe_write(at + 4, widths[w], 7));
				MUST(probe_read(at + 4, widths[w], &value));
				MUST(value == ones[w]);
				MUST(probe_read(at + 0xff8, widths[w],
						&value));
				MUST(value == ones[w]);
			}
		}
	}
	return 0;
}

/* The list ends, nothing of it is there twice, and it cannot be changed. */
static int m57_list(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		unsigned int at = pci_read(f, PCI_CAPABILITIES, 1);
		unsigned int n = 0;

		for (; at != 0 && n < 48; n++) {
			unsigned int next = pci_read(f, at + 1, 1);

			MUST(at >= 0x40 && at % 4 == 0);
			pci_write(f, at, 2, at << 8 | 0x05);
			pci_write(f, at + 1, 1, at);
			MUST(pci_read(f, at + 1, 1) == next);
			at = next;
		}
		MUST(n < 48);
		pci_write(f, PCI_CAPABILITIES, 1, 0x40);
	}
	return 0;
}

/* ---- BARs ---- */

static void put_bar(const struct pci_fn *f, unsigned int b, uint64_t at)
{
	pci_write(f, PCI_BAR(b), 4, (uint32_t)at);
	if (f->bar[b].wide) {
		pci_write(f, PCI_BAR(b) + 4, 4, (uint32_t)(at >> 32));
	}
}

static int sizing(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			struct pci_bar bar = pci_size_bar(f, b);

			if (f->bar[b].size != 0) {
				MUST(bar.size == f->bar[b].size);
				MUST(bar.addr == f->bar[b].addr);
			}
			b += f->bar[b].wide;
		}
	}
	return cards_alive();
}

/* M52: over RAM, the GIC, another BAR, and where nothing can be. */
static int m52_bar_moved(void)
{
	const uint64_t places[] = {
		ram_base(), ram_end() - 0x100000, GIC_DIST, 0x09000000,
		0xffffffff, 0xfff00000, 0, edu.fn->bar[0].pci,
		nvme.fn->bar[0].pci, edu.fn->host->ecam, ~0ull, 1ull << 40,
	};
	uint32_t typer = mmio_read32(GIC_DIST + 4);
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			if (f->bar[b].size == 0) {
				continue;
			}
			for (unsigned int p = 0; p < NELEM(places); p++) {
				put_bar(f, b, places[p]);
				MUST(mmio_read32(GIC_DIST + 4) == typer);
				MUST(*(volatile uint64_t *)ram_free() ==
				     RAM_PATTERN(ram_free()));
				MUST(*(volatile uint64_t *)(ram_end() - 8) ==
				     RAM_PATTERN(ram_end() - 8));
			}
			put_bar(f, b, f->bar[b].pci);
		}
	}
	return 0;
}

/* BARs do not move: whatever is written, they and the registers stay. */
static int bar_stays(void)
{
	const struct pci_window *w = &edu.fn->host->window[PCI_MEM32];
	uint64_t elsewhere = w->size - 0x100000;
	uint64_t value;

	for (unsigned int i = 0; i < 20; i++) {
		put_bar(edu.fn, 0, w->pci + elsewhere);
		MUST((pci_read(edu.fn, PCI_BAR(0), 4) & ~15u) ==
		     edu.fn->bar[0].pci);
		MUST(edu_alive(&edu) == 0);
		MUST(probe_read(w->cpu + elsewhere, 4, &value) &&
		     value == 0xffffffff);
	}
	return 0;
}

static int m53_byte_writes(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int at = 0; at < 4 * PCI_BARS; at++) {
			for (uint32_t v = 0; v < 256; v += 51) {
				pci_write(f, PCI_BAR(0) + at, 1, v);
				pci_write(f, PCI_BAR(0) + (at & ~1u), 2,
					  v << 8 | v);
			}
		}
		card_on(f);
	}
	return sizing();
}

/* ---- decoding, power, reset ---- */

static int nobody(uint64_t at)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < NELEM(widths); i++) {
		MUST(probe_write(at, widths[i], 0));
		MUST(probe_read(at, widths[i], &value));
		MUST(value == ones[i]);
	}
	return 0;
}

static int nobody_in_bars(const struct pci_fn *f)
{
	for (unsigned int b = 0; b < PCI_BARS; b++) {
		const struct pci_bar *bar = &f->bar[b];

		if (bar->size != 0) {
			MUST_PASS(nobody(bar->addr));
			MUST_PASS(nobody(bar->addr + bar->size - 8));
		}
	}
	return 0;
}

static int m53_decode_toggled(void)
{
	uint64_t value;

	for (unsigned int i = 0; i < TOGGLES; i++) {
		pci_disable(edu.fn, PCI_COMMAND_MEMORY);
		MUST(probe_read(edu.at, 4, &value) && value == 0xffffffff);
		pci_enable(edu.fn, PCI_COMMAND_MEMORY);
		MUST(mmio_read32(edu.at) == 0x010000ed);
	}
	for (unsigned int i = 0; i < TOGGLES / 4; i++) {
		pci_disable(nvme.fn, PCI_COMMAND_MEMORY);
		MUST(probe_read(nvme.at + 8, 4, &value) &&
		     value == 0xffffffff);
		pci_enable(nvme.fn, PCI_COMMAND_MEMORY);
		if (i % 16 == 0) {
			MUST(nvme_answers(&nvme));
		}
	}
	return 0;
}

static int m54_decode_off(void)
{
	const struct pci_fn *f;

	MUST_PASS(cards_alive());
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		pci_disable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
		MUST_PASS(nobody_in_bars(f));
		pci_enable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	}
	return 0;
}

/* M54: asleep, registers are not there; awake, it is as it was. */
static int m54_d3hot(void)
{
	const struct pci_fn *f;
	unsigned int asleep = 0;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		unsigned int pm = pci_cap(f, CAP_PM, 0);

		if (pm == 0) {
			continue;
		}
		for (unsigned int n = 0; n < 10; n++) {
			pci_write(f, pm + PM_CONTROL, 2, PM_STATE);
			MUST((pci_read(f, pm + PM_CONTROL, 2) & PM_STATE) ==
			     PM_STATE);
			MUST_PASS(nobody_in_bars(f));
			pci_write(f, pm + PM_CONTROL, 2, 0);
			MUST((pci_read(f, pm + PM_CONTROL, 2) & PM_STATE) ==
			     0);
			asleep++;
		}
		/* D1 and D2 it does not have. */
		pci_write(f, pm + PM_CONTROL, 2, 1);
		MUST((pci_read(f, pm + PM_CONTROL, 2) & PM_STATE) == 0);
	}
	MUST(asleep >= 20);
	MUST(nvme_answers(&nvme));
	return 0;
}

static bool flr(const struct pci_fn *f)
{
	unsigned int cap = pci_cap(f, CAP_EXPRESS, 0);

	if (cap == 0 || (pci_read(f, cap + DEVCAP, 4) & DEVCAP_FLR) == 0) {
		return false;
	}
	pci_write(f, cap + DEVCTL, 2,
		  pci_read(f, cap + DEVCTL, 2) | DEVCTL_FLR);
	return true;
}

/* A read of 128 KiB to where nothing else is; how many are under way. */
static void read_much(unsigned int commands)
{
	static uint64_t list[32] __attribute__((aligned(4096)));
	uint64_t to = ram_free() + 0x100000;

	for (unsigned int i = 0; i < NELEM(list); i++) {
		list[i] = to + 0x1000ull * (i + 1);
	}
	for (unsigned int i = 0; i < commands; i++) {
		nvme_submit(&nvme, &nvme.io, 2, to, (uintptr_t)list, 256 * i, 0,
			    255);
	}
}

/* M54: reset, decode off or asleep with transfers under way. */
static int m54_in_the_middle(void)
{
	unsigned int pm = pci_cap(nvme.fn, CAP_PM, 0);
	uint64_t from = ram_free() + 0x100000;

	for (unsigned int i = 0; i < 12; i++) {
		MUST(nvme_start(&nvme));
		MUST(nvme_make_io(&nvme, NVME_POLLED) == 0);
		read_much(1 + i);
		delay_us(i * 300);
		switch (i % 4) {
		case 0:
			MUST(flr(nvme.fn));
			MUST((pci_read(nvme.fn, PCI_COMMAND, 2) &
			      (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)) == 0);
			break;
		case 1:
			pci_disable(nvme.fn, PCI_COMMAND_MASTER);
			break;
		case 2:
			pci_disable(nvme.fn, PCI_COMMAND_MEMORY);
			break;
		default:
			pci_write(nvme.fn, pm + PM_CONTROL, 2, PM_STATE);
			break;
		}
		if (i % 4 != 2) {
			/* No transfer after this: decode alone stops none. */
			for (uint64_t at = from; at < from + 0x20000;
			     at += 8) {
				*(volatile uint64_t *)at = RAM_PATTERN(at);
			}
			delay_us(20000);
			for (uint64_t at = from; at < from + 0x20000;
			     at += 8) {
				MUST(*(volatile uint64_t *)at ==
				     RAM_PATTERN(at));
			}
		}
		MUST_PASS(nvme_alive(&nvme));
	}
	for (uint64_t at = from; at < from + 0x20000; at += 8) {
		*(volatile uint64_t *)at = RAM_PATTERN(at);
	}
	return 0;
}

/* Registers of the function, their edges, every width; not edu's DMA. */
static int registers_every_width(void)
{
	uint64_t value;

	for (unsigned int w = 0; w < NELEM(widths); w++) {
		for (unsigned int at = 0; at < 0x80; at += widths[w]) {
			(void)probe_read(edu.at + at, widths[w], &value);
			(void)probe_read(nvme.at + at, widths[w], &value);
		}
		for (uint64_t at = 0xff000; at < 0x100000; at += 64) {
			(void)probe_read(edu.at + at, widths[w], &value);
		}
	}
	return 0;
}

static int after(void)
{
	MUST_PASS(cards_alive());
	MUST(nvme_start(&nvme));
	return ram_is_whole();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m56_reads", m56_reads },
		{ "m56_writes", m56_writes },
		{ "m57_unaligned", m57_unaligned },
		{ "m57_absent", m57_absent },
		{ "m57_list", m57_list },
		{ "bars_sizing", sizing },
		{ "m52_bar_moved", m52_bar_moved },
		{ "bar_stays", bar_stays },
		{ "m53_byte_writes", m53_byte_writes },
		{ "m53_decode_toggled", m53_decode_toggled },
		{ "m54_decode_off", m54_decode_off },
		{ "m54_d3hot", m54_d3hot },
		{ "m54_in_the_middle", m54_in_the_middle },
		{ "registers_every_width", registers_every_width },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(edu_find(&edu, 0));
	MUST(nvme_find(&nvme, 0));
	fill_ram();
	return run_cases(cases, NELEM(cases), after);
}
