/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree against the machine as it is found: header, RAM, console,
 * clock, virtio-mmio slots, GIC, PSCI conduit, seeds.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "trap.h"
#include "tree.h"
#include "vio.h"

extern const char _memory_end[];

static const uint8_t *find(const char *node, const char *name, uint32_t min)
{
	uint32_t len = 0;
	const uint8_t *p = tree_find(guest_fdt(), node, name, &len);

	if (p == NULL || len < min) {
		say("  no %s in %s\n", name, node);
		return NULL;
	}
	return p;
}

/* A string list that contains want. */
static bool has_string(const char *node, const char *name, const char *want)
{
	uint32_t len = 0;
	const char *p = (const char *)tree_find(guest_fdt(), node, name, &len);
	const char *end = p + len;

	while (p != NULL && p < end) {
		if (strcmp(p, want) == 0) {
			return true;
		}
		while (*p++ != '\0') {
		}
	}
	say("  %s of %s lacks %s\n", name, node, want);
	return false;
}

static bool every(void *ctx, const struct tree_prop *prop)
{
	(void)prop;
	(*(unsigned int *)ctx)++;
	return true;
}

static int whole_tree(void)
{
	unsigned int items = 0;

	MUST(tree_valid(guest_fdt()));
	MUST(tree_walk(guest_fdt(), every, &items));
	say("  %u bytes, %u nodes and properties\n", tree_size(guest_fdt()),
	    items);
	return 0;
}

static int placement(void)
{
	uint64_t end = guest_fdt() + tree_size(guest_fdt());

	MUST((guest_fdt() & 7) == 0);
	MUST(guest_fdt() >= ram_base() && end <= ram_end());
	MUST(guest_fdt() >= (uintptr_t)_memory_end);
	MUST((guest_fdt() & ~0x1fffffull) == ((end - 1) & ~0x1fffffull));
	return 0;
}

static int memory(void)
{
	const uint8_t *cells;
	uint64_t value;

	cells = find("", "#address-cells", 4);
	MUST(cells != NULL && tree_be32(cells) == 2);
	cells = find("", "#size-cells", 4);
	MUST(cells != NULL && tree_be32(cells) == 2);
	MUST(has_string("memory@", "device_type", "memory"));
	MUST(find("memory@", "reg", 16) != NULL);
	say("  RAM %lx, %lu MiB\n", ram_base(), ram_size() >> 20);
	MUST(ram_base() == 0x40000000 && ram_size() >= 16 << 20);
	MUST(probe_read(ram_end() - 8, 8, &value));
	MUST(!probe_read(ram_end(), 8, &value));
	return 0;
}

static int reg_and_spi(const char *node, uint64_t addr, uint32_t spi,
		       uint32_t trigger)
{
	const uint8_t *reg = find(node, "reg", 16);
	const uint8_t *irq = find(node, "interrupts", 12);

	MUST(reg != NULL && irq != NULL);
	MUST(tree_be64(reg) == addr);
	MUST(tree_be32(irq) == 0);
	MUST(tree_be32(irq + 4) == spi);
	MUST(tree_be32(irq + 8) == trigger);
	return 0;
}

static int uart_and_rtc(void)
{
	MUST_PASS(reg_and_spi("pl011@", 0x09000000, 1, 4));
	MUST(has_string("pl011@", "compatible", "arm,pl011"));
	MUST(has_string("pl011@", "compatible", "arm,primecell"));
	MUST(find("pl011@", "clocks", 4) != NULL);
	MUST_PASS(reg_and_spi("pl031@", 0x09010000, 2, 4));
	MUST(has_string("pl031@", "compatible", "arm,pl031"));
	MUST(find("chosen", "stdout-path", 2) != NULL);
	return 0;
}

/* Each virtio node's SPI belongs to its slot, and something answers there. */
static bool virtio_visit(void *ctx, const struct tree_prop *prop)
{
	unsigned int *found = ctx;
	uint64_t value;

	if (prop->name == NULL || !tree_starts(prop->node, "virtio_mmio@")) {
		return true;
	}
	if (strcmp(prop->name, "reg") == 0) {
		uint64_t base = tree_be64(prop->value);

		found[0]++;
		return probe_read(base, 4, &value) && value == VIRTIO_MAGIC &&
		       (base - VIO_BASE) % VIO_STRIDE == 0;
	}
	if (strcmp(prop->name, "interrupts") == 0) {
		found[1]++;
		return tree_be32(prop->value) == 0 &&
		       tree_be32(prop->value + 4) - 16 < VIO_SLOTS &&
		       tree_be32(prop->value + 8) == 1;
	}
	return true;
}

static int virtio_nodes(void)
{
	unsigned int found[2] = { 0, 0 };

	MUST(tree_walk(guest_fdt(), virtio_visit, found));
	say("  %u virtio-mmio slots\n", found[0]);
	MUST(found[0] == found[1]);
	return 0;
}

static int cpu_and_psci(void)
{
	MUST(has_string("psci", "method", "hvc"));
	MUST(has_string("psci", "compatible", "arm,psci-1.0") ||
	     has_string("psci", "compatible", "arm,psci-0.2"));
	MUST(has_string("cpu@", "device_type", "cpu"));
	MUST(find("cpu@", "reg", 4) != NULL);
	MUST(has_string("timer", "compatible", "arm,armv8-timer"));
	MUST(find("timer", "interrupts", 48) != NULL);
	MUST(tree_be32(find("timer", "interrupts", 48) + 28) == 11);
	return 0;
}

static int gic_node(void)
{
	const char *node = "interrupt-controller@";
	const uint8_t *reg;
	uint32_t len;

	gic_init();
	if (tree_find(guest_fdt(), node, "reg", &len) == NULL) {
		node = "intc@";		/* QEMU's name for it */
	}
	reg = find(node, "reg", 32);
	MUST(reg != NULL);
	MUST(tree_be64(reg) == GIC_DIST);
	MUST(tree_be64(reg + 16) == (gic_version() == 3 ? GIC_REDIST
							: GIC_CPU));
	MUST(has_string(node, "compatible", gic_version() == 3 ?
			"arm,gic-v3" : "arm,cortex-a15-gic") ||
	     has_string(node, "compatible", "arm,gic-400"));
	return 0;
}

static int seeds(void)
{
	const uint8_t *kaslr = find("chosen", "kaslr-seed", 8);
	const uint8_t *rng = find("chosen", "rng-seed", 32);

	MUST(kaslr != NULL && tree_be64(kaslr) != 0);
	MUST(rng != NULL && tree_be64(rng) != tree_be64(rng + 8));
	say("  kaslr-seed %lx\n", tree_be64(kaslr));
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "fdt_whole_tree", whole_tree },
		{ "fdt_placement", placement },
		{ "fdt_memory", memory },
		{ "fdt_uart_and_rtc", uart_and_rtc },
		{ "fdt_virtio_nodes", virtio_nodes },
		{ "fdt_cpu_and_psci", cpu_and_psci },
		{ "fdt_gic_node", gic_node },
		{ "fdt_seeds", seeds },
	};

	return run_cases(cases, NELEM(cases), NULL);
}
