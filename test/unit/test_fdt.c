/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole device tree of one config, against its tables and against dtc.
 * Built once for each config.
 */
#include <libfdt.h>
#include <linux/errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/guest_fdt.h"
#include "core/config.h"
#include "core/gic.h"
#include "core/kvm.h"
#include "core/loop.h"
#include "core/mem.h"
#include "core/stamp.h"
#include "core/status.h"
#include "core/vcpu.h"
#include "dev/devices.h"
#include "test/unit/vfio_guest.h"

static const struct config_partition *p = &config_partitions[0];
static struct vcpu vcpu;
static char *blob;
static int size;

static void disks(void)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].kind == DEVICE_VIRTIO_BLK) {
			fake_file(config_devices[i].path, 1 << 20);
		}
	}
	vfio_cards_of_config();
}

static void machine(void)
{
	kvm_init();
	mem_init(p);
	vcpu_init(&vcpu, p->cpu_features);
	gic_init(&p->gic);
	loop_init(vcpu_immediate_exit(&vcpu));
	if (status_init() < 0) {
		abort();
	}
	devices_init(0);
	gic_finalize();
	vcpu_finalize(&vcpu);
}

static void tree(void)
{
	fake_reset();
	disks();
	machine();
	blob = malloc(p->fdt_size);
	size = guest_fdt_write(0, &vcpu, blob);
}

static int node(const char *path)
{
	int offset = fdt_path_offset(blob, path);

	if (offset < 0) {
		fail_msg("no node %s", path);
	}
	return offset;
}

static const void *prop(const char *path, const char *name, int len)
{
	int have;
	const void *value = fdt_getprop(blob, node(path), name, &have);

	if (!value || (len >= 0 && have != len)) {
		fail_msg("%s: no %s of %d bytes", path, name, len);
	}
	return value;
}

static uint32_t cell(const char *path, const char *name, unsigned i)
{
	return fdt32_ld((const fdt32_t *)prop(path, name, -1) + i);
}

static uint64_t wide(const char *path, const char *name, unsigned i)
{
	return fdt64_ld((const fdt64_t *)prop(path, name, -1) + i);
}

static void well_formed(void)
{
	tree();
	assert_int_equal(fdt_check_full(blob, p->fdt_size), 0);
	assert_int_equal(size, fdt_totalsize(blob));
	assert_true((uint64_t)size <= p->fdt_size);
	assert_int_equal(fdt_num_mem_rsv(blob), 0);
	assert_int_equal(fake.log_lines, 0);
}

static void root(void)
{
	tree();
	assert_int_equal(cell("/", "#address-cells", 0), 2);
	assert_int_equal(cell("/", "#size-cells", 0), 2);
	assert_string_equal(prop("/", "compatible", -1), "linux,dummy-virt");
	assert_string_equal(prop("/", "model", -1), config_name);
	assert_int_equal(
		fdt_node_offset_by_phandle(blob,
					   cell("/", "interrupt-parent", 0)),
		fdt_node_offset_by_compatible(blob, -1,
					      p->gic.version == GIC_V3 ?
						      "arm,gic-v3" :
						      "arm,cortex-a15-gic"));
}

static void memory(void)
{
	char path[64];
	unsigned i;

	tree();
	for (i = 0; i < CONFIG_MAX_RAM && p->ram[i].size > 0; i++) {
		snprintf(path, sizeof(path), "/memory@%llx",
			 (unsigned long long)p->ram[i].gpa);
		assert_string_equal(prop(path, "device_type", -1), "memory");
		prop(path, "reg", 16);
		assert_int_equal(wide(path, "reg", 0), p->ram[i].gpa);
		assert_int_equal(wide(path, "reg", 1), p->ram[i].size);
	}
}

static void chosen(void)
{
	tree();
	assert_string_equal(prop("/chosen", "bootargs", -1), p->cmdline);
	assert_string_equal(p->cmdline, "unit \"quoted\" \\ test");
	assert_memory_equal(prop("/chosen", "bedplate,version",
				 (int)stamp_size),
			    stamp_version, stamp_size);
	prop("/chosen", "kaslr-seed", 8);
	prop("/chosen", "rng-seed", 64);
	if (p->rom.size == 0) {
		assert_int_equal(wide("/chosen", "linux,initrd-start", 0),
				 p->initrd.gpa);
		assert_int_equal(wide("/chosen", "linux,initrd-end", 0),
				 p->initrd.gpa + 1000);
	} else {
		int len;

		assert_null(fdt_getprop(blob, node("/chosen"),
					"linux,initrd-start", &len));
	}
	assert_true(fdt_path_offset(blob, prop("/chosen", "stdout-path", -1)) >
		    0);
}

/* The layout that the tree announces: apart, and inside of RAM. */
static void layout(void)
{
	uint64_t ram_end = p->ram[0].gpa + p->ram[0].size;

	tree();
	if (p->rom.size > 0) {
		/* As QEMU's virt board starts what -bios names. */
		assert_int_equal(p->image.gpa, p->rom.gpa);
		assert_int_equal(p->entry_gpa, p->rom.gpa);
		assert_true(p->image.size <= p->rom.size);
		assert_int_equal(p->fdt_gpa, p->ram[0].gpa);
		assert_int_equal(p->initrd.size, 0);
		return;
	}
	assert_true(p->image.gpa >= p->ram[0].gpa);
	assert_true(p->image.gpa + p->image.size <= p->initrd.gpa);
	assert_true(p->initrd.gpa + p->initrd.size <= p->fdt_gpa);
	assert_true(p->fdt_gpa + p->fdt_size <= ram_end);
	assert_int_equal(p->fdt_gpa % 8, 0);
	assert_int_equal(p->initrd.gpa % 4096, 0);
}

static const char *node_name(const struct config_device *row)
{
	switch ((enum device_kind)row->kind) {
	case DEVICE_PL011:
		return "pl011";
	case DEVICE_PL031:
		return "pl031";
	case DEVICE_STATUS:
		return "status";
	default:
		return "virtio_mmio";
	}
}

static int on_pci(const struct config_device *row)
{
	return row->kind == DEVICE_SHMEM || row->kind == DEVICE_VFIO_PCI ||
	       row->transport == VIRTIO_PCI ||
	       row->transport == VIRTIO_PCI_TRANSITIONAL;
}

static void interrupt(const char *path, const struct config_device *row)
{
	int edge = row->kind == DEVICE_VIRTIO_BLK ||
		   row->kind == DEVICE_VIRTIO_RNG ||
		   row->kind == DEVICE_VIRTIO_NET ||
		   row->kind == DEVICE_VIRTIO_VSOCK ||
		   row->kind == DEVICE_VIRTIO_CONSOLE;

	prop(path, "interrupts", 12);
	assert_int_equal(cell(path, "interrupts", 0), 0);
	assert_int_equal(cell(path, "interrupts", 1), row->spi);
	assert_int_equal(cell(path, "interrupts", 2), edge ? 1 : 4);
}

/* Its registers are memory, and nothing there interrupts. */
static void status_page(const char *path)
{
	assert_string_equal(prop(path, "compatible", -1), "bedplate,status");
	assert_null(fdt_getprop(blob, node(path), "interrupts", NULL));
}

/* Each row of the config, with its window and its interrupt. */
static void devices(void)
{
	char path[64];
	unsigned i;

	tree();
	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];

		if (row->partition != 0) {
			continue; /* the tree is of the first */
		}
		if (on_pci(row)) {
			continue; /* what its bus answers for */
		}
		if (row->kind == DEVICE_VFIO_PLATFORM) {
			continue; /* what the payload brings */
		}
		snprintf(path, sizeof(path), "/%s@%llx", node_name(row),
			 (unsigned long long)row->gpa);
		prop(path, "reg", 16);
		assert_int_equal(wide(path, "reg", 0), row->gpa);
		assert_int_equal(wide(path, "reg", 1), row->size);
		if (row->kind == DEVICE_STATUS) {
			status_page(path);
		} else {
			interrupt(path, row);
		}
	}
}

/* True if a node of the root has these cells as part of its property. */
static int times_in_nodes(const char *name, const void *bytes, int want)
{
	int found = 0;
	int offset;

	fdt_for_each_subnode(offset, blob, 0) {
		int len;
		const char *value = fdt_getprop(blob, offset, name, &len);
		int at;

		for (at = 0; value && at + want <= len; at += want) {
			found += memcmp(value + at, bytes, (size_t)want) == 0;
		}
	}
	return found;
}

/* Of the host's platform devices: each region and each interrupt, once. */
static void platform_devices(void)
{
	unsigned i;

	tree();
	for (i = 0; i < config_soc_region_count; i++) {
		const fdt64_t reg[] = {
			cpu_to_fdt64(config_soc_regions[i].gpa),
			cpu_to_fdt64(config_soc_regions[i].size),
		};

		assert_int_equal(times_in_nodes("reg", reg, sizeof(reg)), 1);
	}
	for (i = 0; i < config_soc_line_count; i++) {
		const struct config_soc_line *row = &config_soc_lines[i];
		const fdt32_t spi[] = {
			cpu_to_fdt32(0),
			cpu_to_fdt32(row->spi),
			cpu_to_fdt32(row->trigger == SOC_LEVEL_HIGH ? 4 : 1),
		};

		/* Twice where two of the device's lines are one. */
		assert_true(times_in_nodes("interrupts", spi, sizeof(spi)));
	}
}

/* Nothing in the tree that no row stands for. */
static void nothing_else(void)
{
	/* The GIC; the buses of emulated and of the host's functions. */
	unsigned expected = 2 + (p->ram[1].size > 0) + (p->pci.ecam_gpa != 0) +
			    (p->pci_host.ecam_gpa != 0);
	unsigned n = 0;
	int virtio_bus = 0;
	unsigned i;
	int offset;

	tree();
	fdt_for_each_subnode(offset, blob, 0) {
		n += fdt_getprop(blob, offset, "reg", NULL) != NULL;
	}
	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].partition != 0) {
			continue;
		}
		expected += !on_pci(&config_devices[i]);
		virtio_bus |= on_pci(&config_devices[i]) &&
			      config_devices[i].kind != DEVICE_SHMEM &&
			      config_devices[i].kind != DEVICE_VFIO_PCI;
	}
	assert_int_equal(n, expected + (unsigned)virtio_bus);
}

static void clocks(void)
{
	char path[64];
	unsigned i;
	int clock;

	tree();
	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];

		if (row->kind != DEVICE_PL011 && row->kind != DEVICE_PL031) {
			continue;
		}
		snprintf(path, sizeof(path), "/%s@%llx", node_name(row),
			 (unsigned long long)row->gpa);
		clock = fdt_node_offset_by_phandle(blob,
						   cell(path, "clocks", 0));
		assert_true(clock > 0);
		assert_string_equal(fdt_getprop(blob, clock, "compatible",
						NULL),
				    "fixed-clock");
	}
}

/* A host without entropy yet: no seed rather than a weak one. */
static void no_seeds(void)
{
	fake_reset();
	disks();
	machine();
	fake.entropy = 0;
	blob = malloc(p->fdt_size);
	guest_fdt_write(0, &vcpu, blob);
	assert_null(fdt_getprop(blob, node("/chosen"), "kaslr-seed", NULL));
	assert_null(fdt_getprop(blob, node("/chosen"), "rng-seed", NULL));
	assert_int_equal(fdt_check_full(blob, p->fdt_size), 0);
}

static void no_partial_seeds(void)
{
	fake_reset();
	disks();
	machine();
	fake.entropy_max = 4;
	blob = malloc(p->fdt_size);
	guest_fdt_write(0, &vcpu, blob);
	assert_null(fdt_getprop(blob, node("/chosen"), "kaslr-seed", NULL));
	assert_null(fdt_getprop(blob, node("/chosen"), "rng-seed", NULL));
}

/* Issue 2, point 6: no warning of dtc, nor of fdtdump. */
static void no_warnings(void)
{
	static char out[100000];
	char command[256];
	char path[] = "/tmp/bedplate-fdt-XXXXXX";
	FILE *file;

	tree();
	file = fdopen(mkstemp(path), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(blob, (size_t)size, 1, file), 1);
	fclose(file);
	snprintf(command, sizeof(command),
		 "dtc -I dtb -O dts -o /dev/null %s 2>&1", path);
	assert_int_equal(unit_shell(command, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	/* The checks that dtc leaves off unless asked. */
	snprintf(command, sizeof(command),
		 "dtc -I dtb -O dtb -o /dev/null -Wproperty_name_chars_strict "
		 "-Wunique_unit_address_if_enabled %s 2>&1",
		 path);
	assert_int_equal(unit_shell(command, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	/* fdtdump greets on stderr, with stars. */
	snprintf(command, sizeof(command),
		 "fdtdump %s 2>&1 >/dev/null | grep -v '^[*]' | grep .", path);
	unit_shell(command, out, sizeof(out));
	assert_string_equal(out, "");
	snprintf(command, sizeof(command), "fdtdump %s 2>/dev/null", path);
	assert_int_equal(unit_shell(command, out, sizeof(out)), 0);
	snprintf(command, sizeof(command), "interrupt-controller@%llx",
		 (unsigned long long)p->gic.dist_gpa);
	assert_non_null(strstr(out, command));
	remove(path);
}

static const struct CMUnitTest tests[] = {
	TEST(well_formed),	TEST(root),	   TEST(memory),
	TEST(chosen),		TEST(layout),	   TEST(devices),
	TEST(nothing_else),	TEST(clocks),	   TEST(no_seeds),
	TEST(no_partial_seeds), TEST(no_warnings), TEST(platform_devices),
};

UNIT_MAIN("fdt", tests)
