/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The in-kernel vGIC: GICv3 with ITS, or GICv2, set up through KVM device
 * attributes (Documentation/virt/kvm/devices/arm-vgic*.rst).
 */
#include "core/gic.h"

#include <linux/kvm.h>

#include "core/kvm.h"
#include "core/log.h"

#define DIST_SIZE 0x10000
#define REDIST_SIZE 0x20000
#define CPU_SIZE 0x2000
#define ITS_SIZE 0x20000

static const struct config_gic *gic;
static int gic_fd;
static int its_fd = -1;

static void set(int fd, unsigned group, uint64_t attr, const void *value,
		const char *what)
{
	long ret = kvm_set_attr(fd, group, attr, value);

	if (ret < 0) {
		log_fatal(EXIT_GIC,
			  "vGICv%u: the host refuses %s (%ld); check "
			  "CFG_GIC_* against the board",
			  gic->version, what, ret);
	}
}

static int create(unsigned type, const char *what)
{
	long fd = kvm_create_device(type);

	if (fd < 0) {
		log_fatal(EXIT_GIC,
			  "board %s names a GICv%u, but the host "
			  "offers no %s (%ld); choose the config of a board "
			  "with this host's GIC",
			  config_board.name, gic->version, what, fd);
	}
	return (int)fd;
}

static void init_v3(void)
{
	/* One vCPU: index 0, count 1 (KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION). */
	const uint64_t redist = gic->redist_gpa | (1ull << 52);

	gic_fd = create(KVM_DEV_TYPE_ARM_VGIC_V3, "vGICv3");
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST,
	    &gic->dist_gpa, "the distributor's address");
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
	    KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &redist,
	    "the redistributor's address");
	if (gic->its_gpa != 0) {
		its_fd = create(KVM_DEV_TYPE_ARM_VGIC_ITS, "vITS");
		set(its_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE,
		    &gic->its_gpa, "the ITS's address");
	}
}

static void init_v2(void)
{
	gic_fd = create(KVM_DEV_TYPE_ARM_VGIC_V2, "vGICv2");
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_DIST,
	    &gic->dist_gpa, "the distributor's address");
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V2_ADDR_TYPE_CPU,
	    &gic->redist_gpa, "the CPU interface's address");
}

void gic_init(const struct config_gic *config)
{
	uint32_t intids = GIC_SPI_BASE + config->spis;

	gic = config;
	if (gic->version == GIC_V3) {
		init_v3();
	} else {
		init_v2();
	}
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &intids,
	    "the number of interrupts");
}

void gic_finalize(void)
{
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL,
	    "to initialise");
	if (its_fd >= 0) {
		set(its_fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		    KVM_DEV_ARM_VGIC_CTRL_INIT, NULL, "to initialise the ITS");
	}
}

static void irq_line(unsigned spi, unsigned level)
{
	struct kvm_irq_level line = {
		.irq = (KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT) |
		       (GIC_SPI_BASE + spi),
		.level = level,
	};
	long ret = kvm_vm_ioctl(KVM_IRQ_LINE, (uintptr_t)&line);

	BUG_ON(ret < 0);
}

void gic_set_level(unsigned spi, int level)
{
	irq_line(spi, level != 0);
}

void gic_pulse(unsigned spi)
{
	/* The vGIC latches an edge at level 1 and ignores level 0. */
	irq_line(spi, 1);
}

void gic_dt(struct dt *dt)
{
	const uint64_t reg[] = {
		gic->dist_gpa,
		DIST_SIZE,
		gic->redist_gpa,
		gic->version == GIC_V3 ? REDIST_SIZE : CPU_SIZE,
	};
	const uint64_t its_reg[] = { gic->its_gpa, ITS_SIZE };

	dt_begin_at(dt, "interrupt-controller", gic->dist_gpa);
	dt_string(dt, "compatible",
		  gic->version == GIC_V3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
	dt_flag(dt, "interrupt-controller");
	dt_u32(dt, "#interrupt-cells", 3);
	dt_u32(dt, "#address-cells", 2);
	dt_u32(dt, "#size-cells", 2);
	dt_flag(dt, "ranges");
	dt_reg(dt, reg, 2);
	dt_u32(dt, "phandle", DT_PHANDLE_GIC);
	if (its_fd >= 0) {
		dt_begin_at(dt, "msi-controller", gic->its_gpa);
		dt_string(dt, "compatible", "arm,gic-v3-its");
		dt_flag(dt, "msi-controller");
		dt_u32(dt, "#msi-cells", 1);
		dt_reg(dt, its_reg, 1);
		dt_u32(dt, "phandle", DT_PHANDLE_ITS);
		dt_end(dt);
	}
	dt_end(dt);
}
