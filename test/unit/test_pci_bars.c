/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BARs, whose addresses are fixed (M52-M54), INTx and the device tree of the
 * host bridges.
 */
#include <libfdt.h>
#include <linux/errno.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "dev/pci.h"
#include "test/unit/pci_guest.h"

#define SLOT 5u
#define GIB 0x40000000ull
#define ALL (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

static struct pci_function function;
static struct pci_function others[PCI_SLOTS];
static uint64_t cfg;

/* What a BAR's handler saw last. */
static struct {
	unsigned calls;
	unsigned bar;
	struct mmio_access access;
} seen;

static void on_access(void *ctx, struct mmio_access *access)
{
	seen.calls++;
	seen.bar = (unsigned)((struct pci_bar *)ctx - function.bars);
	seen.access = *access;
	if (!access->write) {
		access->value = 0x1122334455667788;
	}
}

static const struct pci_id id = { .vendor = 0x1234 };

static const struct {
	uint64_t size;
	uint32_t flags;
	unsigned widths;
	uint64_t gpa;
} kinds[PCI_BARS] = {
	{ 0x100, PCI_BASE_ADDRESS_SPACE_IO, MMIO_1 | MMIO_2 | MMIO_4,
	  PCI_IO + SLOT * 0x800 },
	{ 0x1000, 0, MMIO_4 | MMIO_8, MEM32 + SLOT * 0x10000 + 0x1000 },
	{ 0x10, PCI_BASE_ADDRESS_MEM_PREFETCH, MMIO_1,
	  MEM32 + SLOT * 0x10000 + 0x2000 },
	{ 0, 0, 0, 0 },
	{ 0x10000, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH,
	  MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8, MEM64 + SLOT *GIB },
	{ 0, 0, 0, 0 }, /* the upper half of the one before */
};

static void machine(void)
{
	static const struct config_gic gic = { .version = GIC_V3, .spis = 32 };
	unsigned i;

	driver_machine();
	gic_init(&gic);
	pci_init(&pci_windows, NULL);
	function.slot = SLOT;
	for (i = 0; i < PCI_BARS; i++) {
		function.bars[i] = (struct pci_bar){
			.size = kinds[i].size,
			.flags = kinds[i].flags,
			.widths = kinds[i].widths,
			.handler = on_access,
			.ctx = &function.bars[i],
		};
	}
	pci_add(&function, &id);
	cfg = cfg_of(0, SLOT);
}

static unsigned reg(unsigned bar)
{
	return PCI_BASE_ADDRESS_0 + 4 * bar;
}

/* -- Sizes --------------------------------------------------------------- */

static void addresses(void)
{
	unsigned i;

	machine();
	for (i = 0; i < PCI_BARS; i++) {
		if (kinds[i].size != 0) {
			assert_int_equal(cfg_bar(cfg, i), kinds[i].gpa);
			assert_int_equal(pci_bar_gpa(&function, i),
					 kinds[i].gpa);
		}
	}
	assert_int_equal(cfg_read(cfg, reg(3), 4), 0);
	assert_int_equal(cfg_read(cfg, reg(5), 4), (MEM64 + SLOT * GIB) >> 32);
}

/* PCI 3.0 section 6.2.5.1, as drivers do it; each BAR for itself. */
static void sizing(void)
{
	static const uint32_t masks[PCI_BARS] = {
		0xffffff01, 0xfffff000, 0xfffffff8, 0, 0xffff000c, 0xffffffff,
	};
	unsigned i, j;

	machine();
	for (i = 0; i < PCI_BARS; i++) {
		uint32_t before[PCI_BARS];

		for (j = 0; j < PCI_BARS; j++) {
			before[j] = cfg_read(cfg, reg(j), 4);
		}
		cfg_write(cfg, reg(i), 4, 0xffffffff);
		for (j = 0; j < PCI_BARS; j++) {
			assert_int_equal(cfg_read(cfg, reg(j), 4),
					 i == j ? masks[j] : before[j]);
		}
		cfg_write(cfg, reg(i), 4, before[i]);
		assert_int_equal(cfg_read(cfg, reg(i), 4), before[i]);
	}
}

/* Both halves at once, and with the address bits only, as some write them. */
static void sizing_of_64_bits(void)
{
	machine();
	cfg_write(cfg, reg(4), 4, 0xfffffff0);
	cfg_write(cfg, reg(5), 4, 0xffffffff);
	assert_int_equal(cfg_read(cfg, reg(4), 4), 0xffff000c);
	assert_int_equal(cfg_read(cfg, reg(5), 4), 0xffffffff);
	cfg_write(cfg, reg(4), 4, 0);
	cfg_write(cfg, reg(5), 4, 0);
	assert_int_equal(cfg_bar(cfg, 4), kinds[4].gpa);
}

/* Below 4 GiB, for those who look at the lower half only. */
static void small_64_bit(void)
{
	struct pci_function *f = &others[30];

	machine();
	f->bus = 0;
	f->slot = 30;
	f->bars[4] = (struct pci_bar){ 0x8000,
				       PCI_BASE_ADDRESS_MEM_TYPE_64 |
					       PCI_BASE_ADDRESS_MEM_PREFETCH,
				       MMIO_4, on_access, f };
	pci_add(f, &id);
	cfg_command(cfg_of(0, 30), PCI_COMMAND_MEMORY);
	assert_int_equal(cfg_bar(cfg_of(0, 30), 4),
			 MEM32 + 30 * 0x10000 + 0x8000);
	assert_int_equal(cfg_read(cfg_of(0, 30), reg(5), 4), 0);
	seen.calls = 0;
	(void)driver_mmio_read(MEM32 + 30 * 0x10000 + 0xfffc, 4);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.access.offset, 0x7ffc);
}

/* The largest there are. */
static void largest(void)
{
	struct pci_function *f = &others[31];

	machine();
	f->slot = 31;
	f->bars[0] = (struct pci_bar){ PCI_BAR_MEM64_MAX,
				       PCI_BASE_ADDRESS_MEM_TYPE_64, MMIO_4,
				       on_access, &function.bars[0] };
	f->bars[5] = (struct pci_bar){ PCI_BAR_MEM32_MAX, 0, MMIO_4, on_access,
				       &function.bars[5] };
	pci_add(f, &id);
	cfg_command(cfg_of(0, 31), ALL);
	(void)driver_mmio_read(MEM64 + 32 * GIB - 4, 4);
	assert_int_equal(seen.access.offset, GIB - 4);
	(void)driver_mmio_read(MEM32 + 31 * 0x10000 + 0x5ffc, 4);
	assert_int_equal(seen.access.offset, 0xffc);
	cfg_write(cfg_of(0, 31), reg(0), 4, 0xffffffff);
	assert_int_equal(cfg_read(cfg_of(0, 31), reg(0), 4), 0xc0000004);
}

static void still_there(void)
{
	unsigned i;

	for (i = 0; i < PCI_BARS; i++) {
		if (kinds[i].size != 0) {
			unsigned size = (kinds[i].widths & 4) != 0 ? 4 : 1;

			seen.calls = 0;
			(void)driver_mmio_read(kinds[i].gpa, size);
			assert_int_equal(seen.calls, 1);
			assert_int_equal(seen.bar, i);
			assert_int_equal(seen.access.offset, 0);
		}
	}
}

/* M52: BARs over RAM, GIC, other BARs: they stay where they are. */
static void moves_nowhere(void)
{
	static const uint32_t values[] = {
		0,	    0x40000000, 0x08000000, 0x080a0000, MEM32,
		0xfffffff0, 0x80000000, 0x0a000000, 0x3f000000, 1,
	};
	unsigned bar;
	size_t i;

	machine();
	cfg_command(cfg, ALL);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (bar = 0; bar < PCI_BARS; bar++) {
			cfg_write(cfg, reg(bar), 4, values[i]);
		}
		still_there();
	}
	*ram(RAM) = 0x5a;
	assert_int_equal(*ram(RAM), 0x5a);
}

/* M53: byte by byte is no request for a size. */
static void bytes(void)
{
	unsigned bar;
	unsigned i;

	machine();
	for (bar = 0; bar < PCI_BARS; bar++) {
		uint32_t before = cfg_read(cfg, reg(bar), 4);

		for (i = 0; i < 4; i++) {
			cfg_write(cfg, reg(bar) + i, 1, 0xff);
			assert_int_equal(cfg_read(cfg, reg(bar), 4), before);
		}
		cfg_write(cfg, reg(bar), 2, 0xffff);
		cfg_write(cfg, reg(bar) + 2, 2, 0xffff);
		assert_int_equal(cfg_read(cfg, reg(bar), 4), before);
	}
}

/* -- Decoding ------------------------------------------------------------ */

/* M54: each space by its own bit. */
static void decoding(void)
{
	unsigned command;
	unsigned bar;

	machine();
	for (command = 0; command < 8; command++) {
		cfg_command(cfg, command);
		for (bar = 0; bar < PCI_BARS; bar++) {
			unsigned bit = bar == 0 ? PCI_COMMAND_IO :
						  PCI_COMMAND_MEMORY;
			unsigned size = bar == 2 ? 1 : 4;
			int on = (command & bit) != 0;
			uint64_t value;

			if (kinds[bar].size == 0) {
				continue;
			}
			seen.calls = 0;
			value = driver_mmio_read(kinds[bar].gpa, size);
			assert_int_equal(value,
					 on ? 0x1122334455667788 : UINT64_MAX);
			driver_mmio_write(kinds[bar].gpa, size, 1);
			assert_int_equal(seen.calls, on ? 2 : 0);
		}
	}
}

/* M53: on and off, again and again. */
static void decoding_flips(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 10000; i++) {
		cfg_command(cfg, i & 1 ? ALL : 0);
		(void)driver_mmio_read(kinds[4].gpa + 0x10, 4);
	}
	assert_int_equal(seen.calls, 5000);
}

/* Every width at every offset: the handler sees those it asked for. */
static void widths(void)
{
	unsigned bar;
	unsigned size;
	uint64_t offset;

	machine();
	cfg_command(cfg, ALL);
	for (bar = 0; bar < PCI_BARS; bar++) {
		for (size = 1; size <= 8; size *= 2) {
			for (offset = 0; offset + size <= kinds[bar].size;
			     offset++) {
				int ok = (kinds[bar].widths & size) != 0 &&
					 offset % size == 0;

				seen.calls = 0;
				driver_mmio_write(kinds[bar].gpa + offset, size,
						  offset);
				assert_int_equal(seen.calls, ok);
				if (ok) {
					assert_int_equal(seen.bar, bar);
					assert_int_equal(seen.access.offset,
							 offset);
					assert_int_equal(seen.access.value,
							 offset);
					assert_int_equal(seen.access.size,
							 size);
				}
			}
		}
	}
}

/* Between BARs, behind them, in slots of nobody: all ones, dropped. */
static void gaps(void)
{
	static const uint64_t gap[] = {
		PCI_IO,
		PCI_IO + SLOT * 0x800 + 0x100,
		PCI_IO + 0xfffc,
		MEM32,
		MEM32 + SLOT * 0x10000,
		MEM32 + SLOT * 0x10000 + 0x2010,
		MEM32 + SLOT * 0x10000 + 0x3000,
		MEM32 + SLOT * 0x10000 + 0xfffc,
		MEM32 + 0x1ffffc,
		MEM64,
		MEM64 + SLOT * GIB + 0x10000,
		MEM64 + (SLOT + 1) * GIB - 8,
		MEM64 + (SLOT + 1) * GIB,
		MEM64 + 32 * GIB - 8,
	};
	size_t i;

	machine();
	cfg_command(cfg, ALL);
	for (i = 0; i < sizeof(gap) / sizeof(gap[0]); i++) {
		assert_int_equal(driver_mmio_read(gap[i], 4), UINT64_MAX);
		driver_mmio_write(gap[i], 4, 0);
	}
	assert_int_equal(seen.calls, 0);
}

/* Through a window of the function's own, decoded or not. */
static void own_access(void)
{
	struct mmio_access access = { .offset = 0xfc, .size = 4, .write = 1 };

	machine();
	assert_int_equal(pci_bar_access(&function, 0, &access), 1);
	assert_int_equal(seen.access.offset, 0xfc);
	access.offset = 0x100;
	assert_int_equal(pci_bar_access(&function, 0, &access), 0);
	access.offset = UINT64_MAX - 3;
	assert_int_equal(pci_bar_access(&function, 0, &access), 0);
	access.offset = 0xfe;
	assert_int_equal(pci_bar_access(&function, 0, &access), 0);
	access.offset = 0;
	assert_int_equal(pci_bar_access(&function, 2, &access), 0); /* width */
	assert_int_equal(pci_bar_access(&function, 3, &access), 0);
	assert_int_equal(pci_bar_access(&function, 5, &access), 0);
	assert_int_equal(pci_bar_access(&function, 6, &access), 0);
	assert_int_equal(pci_bar_access(&function, 255, &access), 0);
	assert_int_equal(seen.calls, 1);
}

/* -- INTx ---------------------------------------------------------------- */

static void add_others(void)
{
	unsigned slot;

	for (slot = 1; slot < PCI_SLOTS; slot++) {
		if (slot != SLOT) {
			others[slot].slot = (uint8_t)slot;
			pci_add(&others[slot], &id);
		}
	}
}

static int line(unsigned n)
{
	return (int)fake_spi(PCI_SPI + n)->level;
}

static void intx(void)
{
	unsigned n;

	machine();
	pci_set_intx(&function, 1);
	assert_true(cfg_read(cfg, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	for (n = 0; n < 4; n++) {
		assert_int_equal(line(n), n == SLOT % 4);
	}
	pci_set_intx(&function, 1);
	assert_int_equal(fake_spi(PCI_SPI + SLOT % 4)->calls, 1);
	pci_set_intx(&function, 0);
	assert_int_equal(line(SLOT % 4), 0);
	assert_false(cfg_read(cfg, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
}

/* Every fourth slot: the line is low when all of them are. */
static void intx_shared(void)
{
	machine();
	add_others();
	pci_set_intx(&function, 1);
	pci_set_intx(&others[9], 1);
	pci_set_intx(&others[1], 1);
	pci_set_intx(&function, 0);
	assert_int_equal(line(1), 1);
	pci_set_intx(&others[1], 0);
	assert_int_equal(line(1), 1);
	pci_set_intx(&others[9], 0);
	assert_int_equal(line(1), 0);
	assert_int_equal(line(0) + line(2) + line(3), 0);
	assert_int_equal(fake_spi(PCI_SPI + 1)->calls, 2);
}

/* PCI 3.0 sections 6.2.2, 6.2.3: the status bit stays. */
static void intx_disable(void)
{
	machine();
	add_others();
	pci_set_intx(&function, 1);
	cfg_command(cfg, ALL | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(line(1), 0);
	assert_true(cfg_read(cfg, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	/* Another one of that line is not disabled. */
	pci_set_intx(&others[1], 1);
	assert_int_equal(line(1), 1);
	pci_set_intx(&others[1], 0);
	cfg_write(cfg, PCI_COMMAND + 1, 1, 0);
	assert_int_equal(line(1), 1);
	cfg_write(cfg, PCI_COMMAND, 4, PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(line(1), 0);
	pci_set_intx(&function, 0);
	pci_set_intx(&function, 1);
	assert_int_equal(line(1), 0);
}

static void intx_of_second_bus(void)
{
	machine();
	others[2].bus = 1;
	others[2].slot = 2;
	pci_add(&others[2], &id);
	pci_set_intx(&others[2], 1);
	assert_int_equal(fake_spi(PCI_SPI + 4 + 2)->level, 1);
	assert_int_equal(fake_spi(PCI_SPI + 2)->calls, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(addresses),
	TEST(sizing),
	TEST(small_64_bit),
	TEST(largest),
	TEST(sizing_of_64_bits),
	TEST(moves_nowhere),
	TEST(bytes),
	TEST(decoding),
	TEST(decoding_flips),
	TEST(widths),
	TEST(gaps),
	TEST(own_access),
	TEST(intx),
	TEST(intx_shared),
	TEST(intx_disable),
	TEST(intx_of_second_bus),
};

UNIT_MAIN("pci_bars", tests)
