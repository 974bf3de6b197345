/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BARs: sizing as software does it, BARs over RAM, GIC and each other (M52),
 * byte-wise writes and decode switched TOGGLES times (M53), accesses while it
 * is off (M54), over a BAR's end, and to what nobody in a window claims. An
 * access that no function takes reads all ones and writes nothing.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "pcialive.h"
#include "say.h"
#include "trap.h"
#include "tree.h"
#include "viopci.h"

#ifndef TOGGLES
#define TOGGLES 1000
#endif

static const unsigned int widths[] = { 1, 2, 4, 8 };
static const uint64_t ones[] = { 0xff, 0xffff, 0xffffffff, ~0ull };
static struct vdev *const blk = &pci_blk;
static uint64_t pattern[512] __attribute__((aligned(4096)));

/* ---- sizing ---- */

static int sane(const struct pci_fn *f, unsigned int index)
{
	const struct pci_bar *bar = &f->bar[index];
	const struct pci_window *w =
		&f->host->window[bar->io ? PCI_IO :
				 bar->addr >> 32 != 0 ? PCI_MEM64 : PCI_MEM32];
	struct pci_bar again = pci_size_bar(f, index);

	say("  %x:%x.%u BAR %u: %lx, size %lx%s%s%s\n", f->bus, f->slot,
	    f->func, index, bar->addr, bar->size, bar->io ? " I/O" : "",
	    bar->wide ? " 64-bit" : "", bar->prefetch ? " prefetch" : "");
	MUST((bar->size & (bar->size - 1)) == 0);
	MUST(bar->size >= (bar->io ? 4 : 16));
	MUST(bar->pci % bar->size == 0);
	MUST(bar->addr - w->cpu < w->size);
	MUST(bar->addr - w->cpu + bar->size <= w->size);
	MUST(again.pci == bar->pci && again.addr == bar->addr &&
	     again.size == bar->size && again.wide == bar->wide);
	return 0;
}

static int apart(const struct pci_fn *f, unsigned int index)
{
	const struct pci_bar *bar = &f->bar[index];
	const struct pci_fn *other;

	for (unsigned int i = 0; (other = pci_fn(i)) != NULL; i++) {
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			const struct pci_bar *o = &other->bar[b];

			MUST(o == bar || o->size == 0 ||
			     o->addr >= bar->addr + bar->size ||
			     bar->addr >= o->addr + o->size);
		}
	}
	return 0;
}

static int sizing(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		pci_disable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			if (f->bar[b].size != 0) {
				MUST_PASS(sane(f, b));
				MUST_PASS(apart(f, b));
				b += f->bar[b].wide;
				continue;
			}
			pci_write(f, PCI_BAR(b), 4, ~0u);
			MUST(pci_read(f, PCI_BAR(b), 4) == 0);
		}
	}
	return 0;
}

/* Software may size with decode on, too: it knows no better. */
static int sizing_while_decoding(void)
{
	const struct pci_fn *f = blk->pci->fn;

	for (unsigned int i = 0; i < 100; i++) {
		MUST_PASS(blk_alive(blk));
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			if (f->bar[b].size != 0) {
				struct pci_bar bar = pci_size_bar(f, b);

				MUST(bar.size == f->bar[b].size);
				MUST(bar.addr == f->bar[b].addr);
			}
		}
		MUST_PASS(blk_answers(blk));
	}
	return 0;
}

static int decode_off_at_start(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		MUST((f->command & PCI_COMMAND_INTX_OFF) == 0);
		MUST(pci_read(f, PCI_CLASS, 4) >> 8 == PCI_CLASS_HOST_BRIDGE ||
		     (f->command & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
				    PCI_COMMAND_MASTER)) == 0);
	}
	return 0;
}

/* ---- M52: BARs moved ---- */

static void put_bar(const struct pci_fn *f, unsigned int b, uint64_t addr)
{
	pci_write(f, PCI_BAR(b), 4, (uint32_t)addr);
	if (f->bar[b].wide) {
		pci_write(f, PCI_BAR(b) + 4, 4, (uint32_t)(addr >> 32));
	}
}

/* RAM is RAM, the GIC the GIC, and the type bits what they were. */
static int harmless(const struct pci_fn *f, unsigned int b, uint32_t typer)
{
	const struct pci_bar *bar = &f->bar[b];
	uint32_t flags = bar->io ? 1 : (bar->wide ? 4 : 0) |
				       (bar->prefetch ? 8 : 0);
	uint32_t low = pci_read(f, PCI_BAR(b), 4);

	MUST((low & (bar->io ? 3 : 15)) == flags);
	MUST(((low & (bar->io ? ~3u : ~15u)) & (bar->size - 1)) == 0);
	for (unsigned int i = 0; i < NELEM(pattern); i++) {
		volatile uint64_t *word = &pattern[i];

		MUST(*word == i * 0x0101010101010101ull);
		*word = *word;
	}
	MUST(mmio_read32(GIC_DIST + 4) == typer);
	MUST((uart_read(UART_FR) & UART_FR_RXFF) == 0);
	return 0;
}

static int move(const struct pci_fn *f, unsigned int b, uint64_t addr)
{
	static const uint32_t decode = PCI_COMMAND_IO | PCI_COMMAND_MEMORY;
	uint32_t typer = mmio_read32(GIC_DIST + 4);

	for (unsigned int i = 0; i < 2; i++) {
		/* Moved while off, then switched on; or moved while on. */
		if (i == 0) {
			pci_disable(f, decode);
		}
		put_bar(f, b, addr);
		pci_enable(f, decode);
		MUST_PASS(harmless(f, b, typer));
		put_bar(f, b, addr | 15);
		MUST_PASS(harmless(f, b, typer));
		put_bar(f, b, f->bar[b].pci);
	}
	MUST(pci_size_bar(f, b).addr == f->bar[b].addr);
	return 0;
}

static int m52_bar_moved(void)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; i < NELEM(pattern); i++) {
		pattern[i] = i * 0x0101010101010101ull;
	}
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		const uint64_t to[] = {
			(uintptr_t)pattern, ram_base(), ram_end() - 4096,
			GIC_DIST, GIC_CPU, GIC_REDIST, UART_BASE, VIO_BASE,
			blk->base, blk->pci->fn->bar[1].addr,
			f->host->ecam, 0, 0xffffffff, ~0ull, 0xfffff000,
			1ull << 63, 0xffffffff00000000,
		};

		for (unsigned int b = 0; b < PCI_BARS; b++) {
			for (unsigned int t = 0;
			     f->bar[b].size != 0 && t < NELEM(to); t++) {
				MUST_PASS(move(f, b, to[t]));
			}
		}
		MUST_PASS(pci_function_alive(f));
	}
	return 0;
}

/* ---- M53 ---- */

static int m53_byte_writes(void)
{
	const struct pci_fn *f;
	uint32_t typer = mmio_read32(GIC_DIST + 4);

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int at = 0; at < 4 * PCI_BARS; at++) {
			for (uint32_t v = 0; v < 256; v += 15) {
				pci_write(f, PCI_BAR(0) + at, 1, v);
				pci_write(f, PCI_BAR(0) + (at & ~1u), 2,
					  v << 8 | v);
			}
		}
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			if (f->bar[b].size == 0) {
				continue;
			}
			MUST_PASS(harmless(f, b, typer));
			put_bar(f, b, f->bar[b].pci);
			MUST(pci_size_bar(f, b).addr == f->bar[b].addr);
		}
		MUST_PASS(pci_function_alive(f));
	}
	return 0;
}

static int m53_decode_toggled(void)
{
	const struct pci_fn *f = blk->pci->fn;
	uint32_t queues;

	MUST_PASS(blk_alive(blk));
	queues = mmio_read16(blk->base + COMMON_NUM_QUEUES);
	for (unsigned int i = 0; i < TOGGLES; i++) {
		pci_disable(f, PCI_COMMAND_MEMORY);
		MUST(mmio_read16(blk->base + COMMON_NUM_QUEUES) == 0xffff);
		pci_enable(f, PCI_COMMAND_MEMORY);
		MUST(mmio_read16(blk->base + COMMON_NUM_QUEUES) == queues);
		if (i % 16 == 0) {
			MUST_PASS(blk_answers(blk));
		}
	}
	return blk_answers(blk);
}

/* ---- M54 ---- */

/* Every width there reads ones and drops what is written. */
static int nobody(uint64_t at)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < NELEM(widths); i++) {
		MUST(probe_read(at, widths[i], &value));
		MUST(value == ones[i]);
		MUST(probe_write(at, widths[i], 0));
		MUST(probe_read(at, widths[i], &value));
		MUST(value == ones[i]);
	}
	return 0;
}

static int m54_decode_off(void)
{
	const struct pci_fn *f;

	MUST_PASS(pci_alive());
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		pci_disable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			const struct pci_bar *bar = &f->bar[b];

			if (bar->size != 0) {
				MUST_PASS(nobody(bar->addr));
				MUST_PASS(nobody(bar->addr + bar->size - 8));
			}
		}
		pci_enable(f, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	}
	/* Nothing of it got through: all go on without a reset. */
	MUST_PASS(blk_answers(&pci_blk));
	MUST_PASS(rng_answers(&pci_rng));
	MUST_PASS(blk_answers(&pci_ro));
	MUST_PASS(blk_answers(&pci_transitional));
	return blk_answers(&pci_other);
}

/* Memory and I/O are switched each for itself. */
static int m54_each_space(void)
{
	const struct pci_fn *f = pci_transitional.pci->fn;

	MUST_PASS(pci_alive());
	pci_disable(f, PCI_COMMAND_IO);
	MUST_PASS(nobody(f->bar[0].addr));
	MUST_PASS(blk_answers(&pci_transitional));
	pci_enable(f, PCI_COMMAND_IO);
	pci_disable(f, PCI_COMMAND_MEMORY);
	MUST_PASS(nobody(pci_transitional.base));
	MUST((mmio_read8(f->bar[0].addr + LEGACY_STATUS) &
	      VIRTIO_CONFIG_S_DRIVER_OK) != 0);
	return 0;
}

/* A request is on its way when decode or bus mastering goes. */
static int m54_off_in_flight(void)
{
	static struct blk req;
	static uint8_t buf[64 * SECTOR];
	const struct pci_fn *f = blk->pci->fn;

	for (unsigned int i = 0; i < 60; i++) {
		uint32_t bit = i % 2 == 0 ? PCI_COMMAND_MEMORY
					  : PCI_COMMAND_MASTER;

		pci_enable(f, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
		MUST(vdev_start(blk, 0, 16));
		blk_chain(blk, &req, VIRTIO_BLK_T_IN, i, buf, sizeof(buf));
		vq_push(blk, 0);
		if (i % 4 >= 2) {
			pci_disable(f, bit);
			vq_kick(blk);
		} else {
			vq_kick(blk);
			pci_disable(f, bit);
		}
		delay_us(i % 3 * 500);
		pci_enable(f, bit);
		MUST_PASS(blk_alive(blk));
	}
	return 0;
}

/* Power states, where there is a capability for them. */
static int m54_d3hot(void)
{
	const struct pci_fn *f = blk->pci->fn;
	unsigned int pm = pci_cap(f, 0x01, 0);
	uint64_t value;

	if (pm == 0) {
		say("  no power management\n");
		return 0;
	}
	for (uint32_t state = 1; state <= 3; state++) {
		pci_write(f, pm + 4, 2, state);
		(void)probe_read(blk->base, 4, &value);
		(void)probe_write(blk->base, 4, 1);
		pci_write(f, pm + 4, 2, 0);
		delay_us(10000);
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			if (f->bar[b].size != 0) {
				put_bar(f, b, f->bar[b].pci);
			}
		}
		MUST_PASS(pci_alive());
	}
	return 0;
}

/* ---- where BARs end ---- */

/* Over the last byte: ones, the bytes that are there, or an abort. */
static int over_the_end(void)
{
	const struct pci_fn *f;
	unsigned int aborts = 0;
	uint64_t value;

	MUST_PASS(pci_alive());
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			const struct pci_bar *bar = &f->bar[b];
			uint64_t end = bar->addr + bar->size;

			if (bar->size == 0) {
				continue;
			}
			end = alias_map(end - 8) + 8;
			for (unsigned int w = 1; w < NELEM(widths); w++) {
				for (unsigned int k = 1; k < widths[w]; k++) {
					aborts += !probe_read(end - k,
							      widths[w],
							      &value);
					aborts += !probe_write(end - k,
							       widths[w], 0);
				}
			}
		}
	}
	say("  %u aborts\n", aborts);
	return 0;
}

static bool claimed(uint64_t at)
{
	const struct pci_fn *f;

	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		for (unsigned int b = 0; b < PCI_BARS; b++) {
			if (at - f->bar[b].addr < f->bar[b].size) {
				return true;
			}
		}
	}
	return false;
}

/* The start, the end, and what follows each BAR. */
static int unclaimed_in_windows(void)
{
	const struct pci_host *host;
	unsigned int count = 0;

	for (unsigned int h = 0; (host = pci_host(h)) != NULL; h++) {
		for (unsigned int s = 0; s < PCI_SPACES; s++) {
			const struct pci_window *w = &host->window[s];
			uint64_t step = w->size / 64 & ~7ull;

			for (uint64_t at = 0; step != 0 && at < w->size;
			     at += step) {
				uint64_t last = w->cpu + at + step - 8;

				if (claimed(w->cpu + at) || claimed(last) ||
				    at + step > w->size) {
					continue;
				}
				MUST_PASS(nobody(w->cpu + at));
				MUST_PASS(nobody(last));
				count += 2;
			}
		}
	}
	say("  %u places\n", count);
	MUST(count > 0);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "bars_decode_off_at_start", decode_off_at_start },
		{ "bars_sizing", sizing },
		{ "bars_sizing_while_decoding", sizing_while_decoding },
		{ "bars_over_the_end", over_the_end },
		{ "bars_unclaimed_in_windows", unclaimed_in_windows },
		{ "m52_bar_moved", m52_bar_moved },
		{ "m53_byte_writes", m53_byte_writes },
		{ "m53_decode_toggled", m53_decode_toggled },
		{ "m54_decode_off", m54_decode_off },
		{ "m54_each_space", m54_each_space },
		{ "m54_off_in_flight", m54_off_in_flight },
		{ "m54_d3hot", m54_d3hot },
	};

	gic_init();
	MUST_PASS(pci_setup());
	return run_cases(cases, NELEM(cases), pci_alive);
}
