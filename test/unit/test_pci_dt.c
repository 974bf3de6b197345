/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree of the host bridges (IEEE 1275, bindings pci-host-ecam). */
#include <libfdt.h>
#include <string.h>

#include "core/gic.h"
#include "dev/pci.h"
#include "test/unit/pci_guest.h"

static char blob[8192];
static struct pci_function functions[3];

static void tree(const struct config_gic *gic)
{
	static const struct pci_id id = { .vendor = 0x1234 };
	static const struct config_pci host = {
		.ecam_gpa = 0x3f200000,
		.io_gpa = 0x3ef00000,
		.mem32_gpa = 0x20000000,
		.mem64_gpa = 0x9000000000,
		.spi = PCI_SPI + 8,
	};
	struct dt dt;
	unsigned i;

	driver_machine();
	gic_init(gic);
	pci_init(&pci_windows, &host);
	for (i = 0; i < 3; i++) {
		functions[i].bus = (uint8_t)i;
		functions[i].slot = 1;
		pci_add(&functions[i], &id);
	}
	dt_start(&dt, blob, sizeof(blob));
	dt_begin(&dt, "");
	pci_dt(&dt);
	dt_end(&dt);
	assert_true(dt_finish(&dt) > 0);
}

static const struct config_gic with_its = { .version = GIC_V3,
					    .spis = 32,
					    .its_gpa = 0x08080000 };
static const struct config_gic without = { .version = GIC_V3, .spis = 32 };

static int node(unsigned bus)
{
	static const char *const paths[] = { "/pcie@3f000000", "/pcie@3f100000",
					     "/pcie@3f200000" };
	int offset = fdt_path_offset(blob, paths[bus]);

	assert_true(offset >= 0);
	return offset;
}

static void cells_are(unsigned bus, const char *name, const uint32_t *expected,
		      unsigned n)
{
	int len;
	const char *value = fdt_getprop(blob, node(bus), name, &len);
	unsigned i;

	assert_non_null(value);
	assert_int_equal(len, 4 * n);
	for (i = 0; i < n; i++) {
		assert_int_equal(fdt32_ld((const fdt32_t *)(value + 4 * i)),
				 expected[i]);
	}
}

static void bridges(void)
{
	uint32_t bus;

	tree(&with_its);
	for (bus = 0; bus < 2; bus++) {
		uint32_t base = 0x3f000000 + bus * 0x100000;

		assert_string_equal(fdt_getprop(blob, node(bus), "compatible",
						NULL),
				    "pci-host-ecam-generic");
		assert_string_equal(fdt_getprop(blob, node(bus), "device_type",
						NULL),
				    "pci");
		cells_are(bus, "#address-cells", (uint32_t[]){ 3 }, 1);
		cells_are(bus, "#size-cells", (uint32_t[]){ 2 }, 1);
		cells_are(bus, "#interrupt-cells", (uint32_t[]){ 1 }, 1);
		cells_are(bus, "linux,pci-domain", (uint32_t[]){ bus }, 1);
		cells_are(bus, "bus-range", (uint32_t[]){ bus, bus }, 2);
		cells_are(bus, "reg", (uint32_t[]){ 0, base, 0, 0x100000 }, 4);
	}
}

static void ranges(void)
{
	uint32_t bus;

	tree(&with_its);
	for (bus = 0; bus < 2; bus++) {
		uint32_t io = 0x3efe0000 + bus * 0x10000;
		uint32_t mem32 = 0x10000000 + bus * 0x200000;
		uint32_t mem64 = 0x80 + bus * 8;
		const uint32_t expected[] = {
			0x01000000, 0,	   0,	  0,	 io,	0, 0x10000,
			0x02000000, 0,	   mem32, 0,	 mem32, 0, 0x200000,
			0x43000000, mem64, 0,	  mem64, 0,	8, 0,
		};

		cells_are(bus, "ranges", expected, 21);
	}
}

/* INTA of slots 0 to 3, then again; SPIs are level-triggered, active high. */
static void interrupt_map(void)
{
	uint32_t bus, i;

	tree(&with_its);
	for (bus = 0; bus < 2; bus++) {
		uint32_t expected[40];

		for (i = 0; i < 4; i++) {
			const uint32_t entry[10] = {
				i << 11,
				0,
				0,
				1,
				DT_PHANDLE_GIC,
				0,
				0,
				0,
				PCI_SPI + 4 * bus + i,
				4,
			};

			memcpy(&expected[10 * i], entry, sizeof(entry));
		}
		cells_are(bus, "interrupt-map", expected, 40);
		cells_are(bus, "interrupt-map-mask",
			  (uint32_t[]){ 0x1800, 0, 0, 7 }, 4);
	}
}

/* Requester IDs are what the ITS sees. */
static void msi_map(void)
{
	tree(&with_its);
	cells_are(0, "msi-map", (uint32_t[]){ 0, DT_PHANDLE_MSI, 0, 0x100 }, 4);
	cells_are(1, "msi-map",
		  (uint32_t[]){ 0x100, DT_PHANDLE_MSI, 0x100, 0x100 }, 4);
	assert_int_equal(pci_device_id(&functions[1]), 0x108);
}

/* Ids that no other has: bus 0's slot 0 sends no messages. */
static void msi_map_of_host(void)
{
	tree(&with_its);
	cells_are(2, "msi-map",
		  (uint32_t[]){ 0x200, DT_PHANDLE_MSI, 0, 1, 0x208,
				DT_PHANDLE_MSI, 1, 1, 0x210, DT_PHANDLE_MSI, 2,
				1, 0x218, DT_PHANDLE_MSI, 3, 1 },
		  16);
	assert_int_equal(pci_device_id(&functions[2]), 1);
}

static void no_msi_map(void)
{
	tree(&without);
	assert_null(fdt_getprop(blob, node(0), "msi-map", NULL));
}

static void no_bridges(void)
{
	static const struct config_pci none = { .spi = PCI_SPI };
	struct dt dt;

	fake_reset();
	pci_init(&none, NULL);
	dt_start(&dt, blob, sizeof(blob));
	dt_begin(&dt, "");
	pci_dt(&dt);
	dt_end(&dt);
	assert_true(dt_finish(&dt) > 0);
	assert_int_equal(fdt_first_subnode(blob, 0), -FDT_ERR_NOTFOUND);
}

static const struct CMUnitTest tests[] = {
	TEST(bridges),	  TEST(ranges),		 TEST(interrupt_map),
	TEST(msi_map),	  TEST(msi_map_of_host), TEST(no_msi_map),
	TEST(no_bridges),
};

UNIT_MAIN("pci_dt", tests)
