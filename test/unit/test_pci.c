/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space of the host bridges: what a guest finds, and that it can
 * change nothing but what is listed (M49, M54-M58).
 */
#include <linux/errno.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "dev/pci.h"
#include "test/unit/pci_guest.h"

#define SLOT 3u

static struct pci_function function;
static unsigned reads, writes, last_offset, last_size;
static uint64_t cfg;

static void on_access(void *ctx, struct mmio_access *access)
{
	(void)ctx;
	(void)access;
}

static void on_read(struct pci_function *f, unsigned offset)
{
	assert_ptr_equal(f, &function);
	reads++;
	last_offset = offset;
}

static void on_written(struct pci_function *f, unsigned offset, unsigned size)
{
	assert_ptr_equal(f, &function);
	writes++;
	last_offset = offset;
	last_size = size;
}

static const struct pci_id id = {
	.vendor = 0x1234,
	.device = 0x5678,
	.subsystem_vendor = 0x9abc,
	.subsystem = 0xdef0,
	.class_code = 0x018000,
	.revision = 7,
};

static void add(struct pci_function *f, unsigned bus, unsigned slot)
{
	f->bus = (uint8_t)bus;
	f->slot = (uint8_t)slot;
	f->bars[0] = (struct pci_bar){ .size = 0x100,
				       .flags = PCI_BASE_ADDRESS_SPACE_IO,
				       .widths = MMIO_4,
				       .handler = on_access };
	f->bars[1] = (struct pci_bar){ .size = 0x1000,
				       .widths = MMIO_4,
				       .handler = on_access };
	f->bars[2] = (struct pci_bar){ .size = 0x4000,
				       .flags = PCI_BASE_ADDRESS_MEM_TYPE_64,
				       .widths = MMIO_4,
				       .handler = on_access };
	pci_add(f, &id);
}

static void machine(void)
{
	static const struct config_gic gic = { .version = GIC_V3, .spis = 32 };

	driver_machine();
	gic_init(&gic);
	pci_init(&pci_windows, NULL);
	function.read = on_read;
	function.written = on_written;
	add(&function, 0, SLOT);
	cfg = cfg_of(0, SLOT);
	reads = writes = 0;
}

/* -- What is there ------------------------------------------------------- */

static void header(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 2), 0x1234);
	assert_int_equal(cfg_read(cfg, PCI_DEVICE_ID, 2), 0x5678);
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 4), 0x56781234);
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 2), 0);
	assert_int_equal(cfg_read(cfg, PCI_STATUS, 2), 0); /* no list */
	assert_int_equal(cfg_read(cfg, PCI_CLASS_REVISION, 4), 0x01800007);
	assert_int_equal(cfg_read(cfg, PCI_HEADER_TYPE, 1), 0);
	assert_int_equal(cfg_read(cfg, PCI_SUBSYSTEM_VENDOR_ID, 2), 0x9abc);
	assert_int_equal(cfg_read(cfg, PCI_SUBSYSTEM_ID, 2), 0xdef0);
	assert_int_equal(cfg_read(cfg, PCI_ROM_ADDRESS, 4), 0);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_PIN, 1), 1);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_LINE, 1), 0);
	assert_int_equal(cfg_read(cfg, PCI_CAPABILITY_LIST, 1), 0);
}

/* Nothing to drive, but some look for it first. */
static void host_bridge(void)
{
	uint64_t at = cfg_of(0, 0);

	machine();
	assert_int_equal(cfg_read(at, PCI_VENDOR_ID, 4), 0x00081b36);
	assert_int_equal(cfg_read(at, PCI_CLASS_DEVICE, 2), 0x0600);
	assert_int_equal(cfg_read(at, PCI_INTERRUPT_PIN, 1), 0);
	assert_int_equal(cfg_read(at, PCI_STATUS, 2), 0);
	cfg_write(at, PCI_BASE_ADDRESS_0, 4, 0xffffffff);
	assert_int_equal(cfg_read(at, PCI_BASE_ADDRESS_0, 4), 0);
}

/* Every aligned access of 1, 2 and 4 bytes; others read 0. */
static void every_read(void)
{
	unsigned size;
	unsigned offset;

	machine();
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= 0x1000; offset++) {
			uint64_t expected = 0;

			if (size < 8 && offset % size == 0 && offset < 256) {
				memcpy(&expected, &function.config[offset],
				       size);
			}
			assert_int_equal(driver_mmio_read(cfg + offset, size),
					 expected);
		}
	}
	assert_int_equal(writes, 0);
}

/* M57: no such function, in any width: all ones, and writes do nothing. */
static void absent_functions(void)
{
	uint64_t devfn;
	unsigned size;

	machine();
	for (devfn = 0; devfn < 256; devfn++) {
		uint64_t at = ECAM + devfn * 0x1000;

		if (devfn == SLOT * 8 || devfn == 0) {
			continue;
		}
		for (size = 1; size <= 4; size *= 2) {
			uint32_t ones = ~0u >> (32 - 8 * size);

			cfg_write(at, 4, size, 7);
			assert_int_equal(cfg_read(at, 0, size), ones);
			assert_int_equal(cfg_read(at, 4, size), ones);
			assert_int_equal(cfg_read(at, 0x1000 - size, size),
					 ones);
		}
	}
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 2), 0);
	assert_int_equal(reads, 1);
	assert_int_equal(writes, 0);
}

/* A bus without functions has no windows. */
static void absent_bus(void)
{
	struct mmio_access access = { .size = 4 };

	machine();
	assert_int_equal(mmio_dispatch(ECAM + 0xffffc, &access), 1);
	assert_int_equal(mmio_dispatch(ECAM + 0x100000, &access), 0);
	assert_int_equal(mmio_dispatch(ECAM - 4, &access), 0);
	assert_int_equal(mmio_dispatch(MEM32 + 0x200000, &access), 0);
	assert_int_equal(mmio_dispatch(MEM64 + 0x800000000, &access), 0);
	assert_int_equal(mmio_dispatch(PCI_IO + 0x10000, &access), 0);
}

static void second_bus(void)
{
	static struct pci_function other;

	machine();
	add(&other, 1, 31);
	assert_int_equal(cfg_read(cfg_of(1, 31), 0, 4), 0x56781234);
	assert_int_equal(cfg_read(cfg_of(1, SLOT), 0, 4), 0xffffffff);
	assert_int_equal(cfg_read(cfg_of(0, 31), 0, 4), 0xffffffff);
	assert_int_equal(pci_device_id(&other), 0x1f8);
	assert_int_equal(pci_device_id(&function), SLOT << 3);
	assert_int_equal(cfg_bar(cfg_of(1, 31), 0),
			 PCI_IO + 0x10000 + 31 * 0x800);
	assert_int_equal(cfg_bar(cfg_of(1, 31), 1),
			 MEM32 + 0x200000 + 31 * 0x10000 + 0x1000);
	assert_int_equal(cfg_bar(cfg_of(1, 31), 2),
			 MEM32 + 0x200000 + 31 * 0x10000 + 0x8000);
}

static void slot_taken(void)
{
	static struct pci_function other;

	machine();
	assert_int_equal(EXITS(add(&other, 0, SLOT)), EXIT_BUG);
}

/* -- What can be changed ------------------------------------------------- */

/* The bits of a register that a write may change. */
static uint8_t may_change(unsigned offset)
{
	switch (offset) {
	case PCI_COMMAND:
		return PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	case PCI_COMMAND + 1:
		return PCI_COMMAND_INTX_DISABLE >> 8;
	case PCI_CACHE_LINE_SIZE:
	case PCI_INTERRUPT_LINE:
		return 0xff;
	default:
		return 0;
	}
}

static int is_bar(unsigned offset)
{
	return offset >= PCI_BASE_ADDRESS_0 && offset < PCI_CARDBUS_CIS;
}

/* One write: what changed, and whether it was that. */
static void write_and_compare(unsigned offset, unsigned size, uint64_t value)
{
	uint8_t before[256];
	unsigned i;

	memcpy(before, function.config, sizeof(before));
	driver_mmio_write(cfg + offset, size, value);
	for (i = 0; i < 256; i++) {
		uint8_t may = may_change(i);
		uint8_t expected = before[i];

		if (size < 8 && offset % size == 0 && i >= offset &&
		    i < offset + size) {
			uint8_t byte = (uint8_t)(value >> (8 * (i - offset)));

			expected = (uint8_t)((expected & ~may) | (byte & may));
		}
		if (!is_bar(i)) {
			assert_int_equal(function.config[i], expected);
		}
	}
}

static void write_everywhere(void)
{
	static const uint64_t values[] = { UINT64_MAX, 0, 0xa5a5a5a5a5a5a5a5,
					   0x5a5a5a5a5a5a5a5a };
	unsigned size;
	unsigned offset;
	size_t i;

	for (i = 0; i < 4; i++) {
		for (size = 1; size <= 8; size *= 2) {
			for (offset = 0; offset + size <= 0x1000; offset++) {
				write_and_compare(offset, size, values[i]);
			}
		}
	}
}

/* M55, M56: every offset in every width, also across fields. */
static void every_write(void)
{
	uint8_t bars[24];

	machine();
	memcpy(bars, &function.config[PCI_BASE_ADDRESS_0], sizeof(bars));
	write_everywhere();
	/* The last one of each BAR was no request for its size. */
	assert_memory_equal(&function.config[PCI_BASE_ADDRESS_0], bars,
			    sizeof(bars));
}

/* M55: the half of a dword that can be written, written with the other. */
static void across_fields(void)
{
	machine();
	cfg_write(cfg, PCI_COMMAND, 4, 0xffffffff);
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 4),
			 PCI_COMMAND_INTX_DISABLE | 7);
	cfg_write(cfg, PCI_CACHE_LINE_SIZE, 4, 0x81ffff10);
	assert_int_equal(cfg_read(cfg, PCI_CACHE_LINE_SIZE, 4), 0x10);
	cfg_write(cfg, PCI_INTERRUPT_LINE, 4, 0xffff04ff);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_LINE, 4), 0x1ff);
	cfg_write(cfg, PCI_COMMAND + 1, 1, 0);
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 2), 7);
}

/* M58: a note of the guest to itself, all 256 of them. */
static void interrupt_line(void)
{
	unsigned line;
	unsigned spi;

	machine();
	for (line = 0; line < 256; line++) {
		cfg_write(cfg, PCI_INTERRUPT_LINE, 1, line);
		cfg_write(cfg, PCI_INTERRUPT_PIN, 1, line);
		assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_LINE, 1), line);
		assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_PIN, 1), 1);
		pci_set_intx(&function, 1);
		pci_set_intx(&function, 0);
	}
	for (spi = 0; spi < FAKE_INTIDS - 32; spi++) {
		assert_int_equal(fake_spi(spi)->rises,
				 spi == PCI_SPI + SLOT % 4 ? 256 : 0);
	}
}

/* -- Hooks --------------------------------------------------------------- */

static void hooks(void)
{
	machine();
	(void)cfg_read(cfg, 0x42, 2);
	assert_int_equal(reads, 1);
	assert_int_equal(last_offset, 0x42);
	cfg_write(cfg, 0xfc, 4, 1);
	assert_int_equal(writes, 1);
	assert_int_equal(last_offset, 0xfc);
	assert_int_equal(last_size, 4);
	(void)cfg_read(cfg, 0x100, 4);
	cfg_write(cfg, 0x100, 4, 1);
	cfg_write(cfg, 0xffc, 4, 1);
	assert_int_equal(reads, 1);
	assert_int_equal(writes, 1);
}

/* -- Capabilities -------------------------------------------------------- */

static void capabilities(void)
{
	unsigned a, b, c;

	machine();
	a = pci_add_capability(&function, PCI_CAP_ID_VNDR, 17);
	assert_int_equal(cfg_read(cfg, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	b = pci_add_capability(&function, PCI_CAP_ID_MSIX, 12);
	c = pci_add_capability(&function, PCI_CAP_ID_VNDR, 20);
	assert_int_equal(a, 0x40);
	assert_int_equal(b, 0x54); /* the next dword */
	assert_int_equal(c, 0x60);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 0), c);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_MSIX, 0), b);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 1), a);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 2), 0);
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 2), 0x1234);
}

/* M49, M57: no pointer of the list can be bent into a loop. */
static void capabilities_stay(void)
{
	unsigned offset;

	machine();
	(void)pci_add_capability(&function, PCI_CAP_ID_VNDR, 16);
	(void)pci_add_capability(&function, PCI_CAP_ID_VNDR, 176);
	write_everywhere();
	for (offset = 0x40; offset < 0x100; offset += 4) {
		cfg_write(cfg, offset, 4, 0x40404040);
	}
	cfg_write(cfg, PCI_CAPABILITY_LIST, 1, 0x50);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 0), 0x50);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 1), 0x40);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 2), 0);
}

static void capabilities_too_large(void)
{
	machine();
	(void)pci_add_capability(&function, PCI_CAP_ID_VNDR, 0x80);
	(void)pci_add_capability(&function, PCI_CAP_ID_VNDR, 0x3c);
	assert_int_equal(EXITS((void)pci_add_capability(&function,
							PCI_CAP_ID_VNDR, 5)),
			 EXIT_BUG);
	assert_int_equal(pci_add_capability(&function, PCI_CAP_ID_VNDR, 4),
			 0xfc);
}

/* Capability bytes that a device lists as writable are, and only they. */
static void writable_bits(void)
{
	unsigned at;

	machine();
	at = pci_add_capability(&function, PCI_CAP_ID_VNDR, 8);
	function.writable[at + 3] = 0xc0;
	function.writable[at + 4] = 0x0f;
	cfg_write(cfg, at, 4, 0xffffffff);
	cfg_write(cfg, at + 4, 4, 0xffffffff);
	assert_int_equal(cfg_read(cfg, at, 4), 0xc0000009);
	assert_int_equal(cfg_read(cfg, at + 4, 4), 0x0f);
	cfg_write(cfg, at + 2, 2, 0x4000);
	assert_int_equal(cfg_read(cfg, at, 4), 0x40000009);
}

static const struct CMUnitTest tests[] = {
	TEST(header),
	TEST(host_bridge),
	TEST(every_read),
	TEST(absent_functions),
	TEST(absent_bus),
	TEST(second_bus),
	TEST(slot_taken),
	TEST(every_write),
	TEST(across_fields),
	TEST(interrupt_line),
	TEST(hooks),
	TEST(capabilities),
	TEST(capabilities_stay),
	TEST(capabilities_too_large),
	TEST(writable_bits),
};

UNIT_MAIN("pci", tests)
