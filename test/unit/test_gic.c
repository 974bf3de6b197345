/* SPDX-License-Identifier: Apache-2.0 */
/* The vGIC: attributes in the order KVM wants, refusals, lines. */
#include <libfdt.h>
#include <linux/errno.h>
#include <string.h>

#include "core/gic.h"
#include "core/kvm.h"
#include "core/log.h"
#include "test/unit/fake.h"

static const struct config_gic v3 = {
	.version = GIC_V3,
	.spis = 96,
	.dist_gpa = 0x08000000,
	.redist_gpa = 0x080a0000,
	.its_gpa = 0x08080000,
};

static const struct config_gic v2 = {
	.version = GIC_V2,
	.spis = 64,
	.dist_gpa = 0x08000000,
	.redist_gpa = 0x08010000,
};

static void machine(void)
{
	fake_reset();
	kvm_init();
}

static void attr(unsigned i, unsigned type, unsigned group, uint64_t id,
		 uint64_t value)
{
	const struct fake_attr *a = &fake.attrs[i];

	assert_true(i < fake.attr_count);
	assert_int_equal(a->type, type);
	assert_int_equal(a->group, group);
	assert_int_equal(a->attr, id);
	assert_int_equal(a->value, value);
}

/* -- Set-up -------------------------------------------------------------- */

static void v3_sequence(void)
{
	machine();
	gic_init(&v3);
	attr(0, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_DEV_ARM_VGIC_GRP_ADDR,
	     KVM_VGIC_V3_ADDR_TYPE_DIST, 0x08000000);
	/* address | index 0 | flags 0 | count 1 << 52 (arm-vgic-v3.rst) */
	attr(1, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_DEV_ARM_VGIC_GRP_ADDR,
	     KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, 0x00100000080a0000);
	attr(2, KVM_DEV_TYPE_ARM_VGIC_ITS, KVM_DEV_ARM_VGIC_GRP_ADDR,
	     KVM_VGIC_ITS_ADDR_TYPE, 0x08080000);
	attr(3, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, 128);
	assert_int_equal(fake.attr_count, 4);
	gic_finalize();
	attr(4, KVM_DEV_TYPE_ARM_VGIC_V3, KVM_DEV_ARM_VGIC_GRP_CTRL,
	     KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	attr(5, KVM_DEV_TYPE_ARM_VGIC_ITS, KVM_DEV_ARM_VGIC_GRP_CTRL,
	     KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	assert_int_equal(fake.attr_count, 6);
}

static void v3_without_its(void)
{
	struct config_gic gic = v3;
	unsigned i;

	machine();
	gic.its_gpa = 0;
	gic_init(&gic);
	gic_finalize();
	assert_int_equal(fake.attr_count, 4);
	for (i = 0; i < fake.attr_count; i++) {
		assert_int_equal(fake.attrs[i].type, KVM_DEV_TYPE_ARM_VGIC_V3);
	}
}

static void v2_sequence(void)
{
	machine();
	gic_init(&v2);
	attr(0, KVM_DEV_TYPE_ARM_VGIC_V2, KVM_DEV_ARM_VGIC_GRP_ADDR,
	     KVM_VGIC_V2_ADDR_TYPE_DIST, 0x08000000);
	attr(1, KVM_DEV_TYPE_ARM_VGIC_V2, KVM_DEV_ARM_VGIC_GRP_ADDR,
	     KVM_VGIC_V2_ADDR_TYPE_CPU, 0x08010000);
	attr(2, KVM_DEV_TYPE_ARM_VGIC_V2, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, 96);
	gic_finalize();
	attr(3, KVM_DEV_TYPE_ARM_VGIC_V2, KVM_DEV_ARM_VGIC_GRP_CTRL,
	     KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	assert_int_equal(fake.attr_count, 4);
}

/* -- Refusals ------------------------------------------------------------ */

static void v3_not_offered(void)
{
	machine();
	fake.no_devices = 1u << KVM_DEV_TYPE_ARM_VGIC_V3;
	assert_int_equal(EXITS(gic_init(&v3)), EXIT_GIC);
	fake_one_line("board qemu-virt-gicv3 names a GICv3, but the host "
		      "offers no vGICv3 (-19)");
}

static void its_not_offered(void)
{
	machine();
	fake.no_devices = 1u << KVM_DEV_TYPE_ARM_VGIC_ITS;
	assert_int_equal(EXITS(gic_init(&v3)), EXIT_GIC);
	fake_one_line("offers no vITS");
}

static void v2_not_offered(void)
{
	machine();
	fake.no_devices = 1u << KVM_DEV_TYPE_ARM_VGIC_V2;
	assert_int_equal(EXITS(gic_init(&v2)), EXIT_GIC);
	fake_one_line("names a GICv2, but the host offers no vGICv2");
}

/* Each system call of the set-up refused in turn. */
static void refused_at(void *n)
{
	machine();
	fake.calls = 0;
	fake.fail_at = (unsigned)(uintptr_t)n;
	fake.fail_with = -EBUSY;
	assert_int_equal(EXITS({
				 gic_init(&v3);
				 gic_finalize();
			 }),
			 EXIT_GIC);
	fake_one_line("(-16)");
}

static void each_step_refused(void)
{
	uintptr_t n;

	for (n = 1; n <= 8; n++) { /* 2 devices, 6 attributes */
		assert_int_equal(unit_child(refused_at, (void *)n), 0);
	}
}

/* -- Lines --------------------------------------------------------------- */

static void level(void)
{
	machine();
	gic_init(&v3);
	gic_set_level(5, 1);
	assert_int_equal(fake_spi(5)->level, 1);
	gic_set_level(5, 7);
	assert_int_equal(fake_spi(5)->level, 1);
	gic_set_level(5, 0);
	assert_int_equal(fake_spi(5)->level, 0);
	assert_int_equal(fake_spi(4)->calls + fake_spi(6)->calls, 0);
	gic_set_level(0, 1);
	gic_set_level(95, 1);
	assert_int_equal(fake_spi(0)->level, 1);
	assert_int_equal(fake_spi(95)->level, 1);
}

static void pulse(void)
{
	machine();
	gic_init(&v3);
	gic_pulse(16);
	gic_pulse(16);
	assert_int_equal(fake_spi(16)->rises, 2);
}

static void line_refused(void)
{
	machine();
	gic_init(&v3);
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EINVAL;
	assert_int_equal(EXITS(gic_pulse(16)), EXIT_BUG);
	fake_one_line("bug: ");
}

/* -- Device tree --------------------------------------------------------- */

static char blob[4096];

static int node_of(const struct config_gic *gic)
{
	struct dt dt;

	machine();
	gic_init(gic);
	dt_start(&dt, blob, sizeof(blob));
	dt_begin(&dt, "");
	gic_dt(&dt);
	dt_end(&dt);
	assert_true(dt_finish(&dt) > 0);
	return fdt_path_offset(blob, "/interrupt-controller@8000000");
}

static void reg_is(int node, unsigned i, uint64_t gpa, uint64_t size)
{
	int len;
	const fdt64_t *reg = fdt_getprop(blob, node, "reg", &len);

	assert_non_null(reg);
	assert_true(len >= (int)(16 * (i + 1)));
	assert_int_equal(fdt64_to_cpu(reg[2 * i]), gpa);
	assert_int_equal(fdt64_to_cpu(reg[2 * i + 1]), size);
}

static void node_v3(void)
{
	int node = node_of(&v3);
	int its;

	assert_true(node >= 0);
	assert_string_equal(fdt_getprop(blob, node, "compatible", NULL),
			    "arm,gic-v3");
	reg_is(node, 0, 0x08000000, 0x10000);
	reg_is(node, 1, 0x080a0000, 0x20000);
	its = fdt_subnode_offset(blob, node, "msi-controller@8080000");
	assert_true(its >= 0);
	reg_is(its, 0, 0x08080000, 0x20000);
	assert_int_equal(fdt_get_phandle(blob, node), DT_PHANDLE_GIC);
	assert_int_equal(fdt_get_phandle(blob, its), DT_PHANDLE_MSI);
}

static void node_v2(void)
{
	int node = node_of(&v2);

	assert_true(node >= 0);
	assert_string_equal(fdt_getprop(blob, node, "compatible", NULL),
			    "arm,cortex-a15-gic");
	reg_is(node, 0, 0x08000000, 0x10000);
	reg_is(node, 1, 0x08010000, 0x2000);
	assert_int_equal(fdt_first_subnode(blob, node), -FDT_ERR_NOTFOUND);
}

static const struct CMUnitTest tests[] = {
	TEST(v3_sequence),	 TEST(v3_without_its),	TEST(v2_sequence),
	TEST(v3_not_offered),	 TEST(its_not_offered), TEST(v2_not_offered),
	TEST(each_step_refused), TEST(level),		TEST(pulse),
	TEST(line_refused),	 TEST(node_v3),		TEST(node_v2),
};

UNIT_MAIN("gic", tests)
