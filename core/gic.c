/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The in-kernel vGIC: GICv3 with ITS, or GICv2, set up through KVM device
 * attributes (Documentation/virt/kvm/devices/arm-vgic*.rst).
 */
#include "core/gic.h"

#include <linux/errno.h>
#include <linux/kvm.h>

#include "core/kvm.h"
#include "core/log.h"
#include "core/mmio.h"
#include "core/status.h"

#define DIST_SIZE 0x10000
#define REDIST_SIZE 0x20000
#define CPU_SIZE 0x2000
#define ITS_SIZE 0x20000

/* GICv2m frame (ARM SBSA, appendix E). */
#define V2M_SIZE 0x1000
#define V2M_TYPER 0x008
#define V2M_SETSPI_NS 0x040
#define V2M_IIDR 0xfcc
#define V2M_PRODUCT 0x51u /* as QEMU's */

#define ITS_TRANSLATER 0x10040

/* The last that KVM takes (KVM_IRQCHIP_NUM_PINS); we have 960 SPIs at most. */
#define NO_PIN 987

/* GICD_ICFGR<n>: two bits for each of 16 intids, the higher one for edge. */
#define GICD_ICFGR 0xc00
#define ICFGR_INTIDS 16

static const struct config_gic *gic;
static int gic_fd;
static int its_fd = -1;

/* What KVM_SET_GSI_ROUTING takes: entry i is GSI i, if it is in use. */
static struct {
	uint32_t count;
	uint32_t flags;
	struct kvm_irq_routing_entry entries[CONFIG_MAX_BINDINGS];
} routes;
_Static_assert(__builtin_offsetof(struct kvm_irq_routing, entries) ==
		       __builtin_offsetof(__typeof__(routes), entries),
	       "routes is a struct kvm_irq_routing");
/* The bound eventfds by GSI; -1: free. */
static int bound[CONFIG_MAX_BINDINGS];

/* -- Lines --------------------------------------------------------------- */

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
	if (level) {
		status_count_interrupt();
	}
	irq_line(spi, level != 0);
}

void gic_pulse(unsigned spi)
{
	status_count_interrupt();
	/* The vGIC latches an edge at level 1 and ignores level 0. */
	irq_line(spi, 1);
}

/* -- Messages ------------------------------------------------------------ */

int gic_has_msi(void)
{
	return its_fd >= 0 || gic->v2m_gpa != 0;
}

/* The SPI that a message to the GICv2m frame means, or -EINVAL. */
static int v2m_spi(uint64_t address, uint32_t data)
{
	uint32_t spi = data - GIC_SPI_BASE;

	if (gic->v2m_gpa == 0 || address != gic->v2m_gpa + V2M_SETSPI_NS ||
	    spi < gic->v2m_spi || spi - gic->v2m_spi >= gic->v2m_spis) {
		return -EINVAL;
	}
	return (int)spi;
}

static int is_its_message(const struct gic_msi *msi)
{
	return its_fd >= 0 && msi->address == gic->its_gpa + ITS_TRANSLATER;
}

void gic_send_msi(const struct gic_msi *msi)
{
	struct kvm_msi message = {
		.address_lo = (uint32_t)msi->address,
		.address_hi = (uint32_t)(msi->address >> 32),
		.data = msi->data,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = msi->device_id,
	};
	int spi = v2m_spi(msi->address, msi->data);

	if (spi >= 0) {
		gic_pulse((unsigned)spi);
		return;
	}
	status_count_interrupt();
	if (!is_its_message(msi) ||
	    kvm_vm_ioctl(KVM_SIGNAL_MSI, (uintptr_t)&message) < 0) {
		log_guest("device 0x%x: MSI 0x%x to 0x%llx: nobody takes it",
			  msi->device_id, msi->data,
			  (unsigned long long)msi->address);
	}
}

static void v2m_access(void *ctx, struct mmio_access *access)
{
	(void)ctx;
	if (access->write && access->offset == V2M_SETSPI_NS) {
		int spi = v2m_spi(gic->v2m_gpa + V2M_SETSPI_NS,
				  (uint32_t)access->value);

		if (spi >= 0) {
			gic_pulse((unsigned)spi);
		}
	} else if (access->offset == V2M_TYPER) {
		access->value = (uint64_t)(gic->v2m_spi + GIC_SPI_BASE) << 16 |
				gic->v2m_spis;
	} else if (access->offset == V2M_IIDR) {
		access->value = V2M_PRODUCT << 20;
	}
}

/* -- irqfds -------------------------------------------------------------- */

static long set_routes(void)
{
	routes.count = CONFIG_MAX_BINDINGS;
	while (routes.count > 0 && bound[routes.count - 1] < 0) {
		routes.count--;
	}
	return kvm_vm_ioctl(KVM_SET_GSI_ROUTING, (uintptr_t)&routes);
}

/* resample: an eventfd, or -1. */
static long irqfd(int gsi, unsigned flags, int resample)
{
	struct kvm_irqfd request = {
		.fd = (uint32_t)bound[gsi],
		.gsi = (uint32_t)gsi,
		.flags = flags,
	};

	if (resample >= 0) {
		request.flags |= KVM_IRQFD_FLAG_RESAMPLE;
		request.resamplefd = (uint32_t)resample;
	}
	return kvm_vm_ioctl(KVM_IRQFD, (uintptr_t)&request);
}

/*
 * A GSI that nobody uses routes to a pin of no SPI. Of an SPI's own KVM would
 * tell the guest's EOI to the last GSI that has it, and a level that is bound
 * by another would stay masked.
 */
static void clear_route(int gsi)
{
	routes.entries[gsi] = (struct kvm_irq_routing_entry){
		.gsi = (uint32_t)gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip.pin = NO_PIN,
	};
	bound[gsi] = -1;
}

static int free_gsi(void)
{
	int gsi;

	for (gsi = 0; gsi < CONFIG_MAX_BINDINGS; gsi++) {
		if (bound[gsi] < 0) {
			return gsi;
		}
	}
	return -ENOSPC;
}

static int bind(int fd, const struct kvm_irq_routing_entry *entry, int resample)
{
	int gsi = free_gsi();
	long ret;

	if (gsi < 0) {
		return gsi;
	}
	routes.entries[gsi] = *entry;
	routes.entries[gsi].gsi = (uint32_t)gsi;
	bound[gsi] = fd;
	ret = set_routes();
	if (ret >= 0) {
		ret = irqfd(gsi, 0, resample);
	}
	if (ret < 0) {
		clear_route(gsi);
		return (int)ret;
	}
	return gsi;
}

int gic_bind_level(int trigger, int resample, unsigned spi)
{
	struct kvm_irq_routing_entry entry = {
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip.pin = spi,
	};

	return bind(trigger, &entry, resample);
}

int gic_bind_spi(int fd, unsigned spi)
{
	return gic_bind_level(fd, -1, spi);
}

int gic_bind_msi(int fd, const struct gic_msi *msi)
{
	struct kvm_irq_routing_entry entry = {
		.type = KVM_IRQ_ROUTING_MSI,
		.flags = KVM_MSI_VALID_DEVID,
		.u.msi.address_lo = (uint32_t)msi->address,
		.u.msi.address_hi = (uint32_t)(msi->address >> 32),
		.u.msi.data = msi->data,
		.u.msi.devid = msi->device_id,
	};
	int spi = v2m_spi(msi->address, msi->data);

	if (spi >= 0) {
		return gic_bind_spi(fd, (unsigned)spi);
	}
	return is_its_message(msi) ? bind(fd, &entry, -1) : -EINVAL;
}

void gic_unbind(int handle)
{
	long ret = irqfd(handle, KVM_IRQFD_FLAG_DEASSIGN, -1);

	BUG_ON(ret < 0);
	clear_route(handle);
}

/* -- Set-up -------------------------------------------------------------- */

static void check(long ret, const char *what)
{
	if (ret < 0) {
		log_fatal(EXIT_GIC,
			  "vGICv%u: the host refuses %s (%ld); check "
			  "CFG_GIC_* against the board",
			  gic->version, what, ret);
	}
}

static void set(int fd, unsigned group, uint64_t attr, const void *value,
		const char *what)
{
	check(kvm_set_attr(fd, group, attr, value), what);
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
	if (gic->v2m_gpa != 0) {
		const struct mmio_window window = {
			.gpa = gic->v2m_gpa,
			.size = V2M_SIZE,
			.widths = MMIO_4,
			.handler = v2m_access,
		};

		mmio_claim(&window);
	}
}

void gic_init(const struct config_gic *config)
{
	uint32_t intids = GIC_SPI_BASE + config->spis;
	int gsi;

	gic = config;
	for (gsi = 0; gsi < CONFIG_MAX_BINDINGS; gsi++) {
		clear_route(gsi);
	}
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

void gic_start_level(unsigned spi)
{
	unsigned intid = GIC_SPI_BASE + spi;
	uint64_t at = GICD_ICFGR + intid / ICFGR_INTIDS * sizeof(uint32_t);
	static const char what[] = "a level-triggered interrupt";
	uint32_t bits = 0;

	check(kvm_get_attr(gic_fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, at, &bits),
	      what);
	bits &= ~(2u << intid % ICFGR_INTIDS * 2);
	set(gic_fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, at, &bits, what);
}

/* -- Device tree --------------------------------------------------------- */

static void msi_dt(struct dt *dt)
{
	const uint64_t its[] = { gic->its_gpa, ITS_SIZE };
	const uint64_t v2m[] = { gic->v2m_gpa, V2M_SIZE };

	if (!gic_has_msi()) {
		return;
	}
	dt_begin_at(dt, "msi-controller", its_fd >= 0 ? its[0] : v2m[0]);
	dt_string(dt, "compatible",
		  its_fd >= 0 ? "arm,gic-v3-its" : "arm,gic-v2m-frame");
	dt_flag(dt, "msi-controller");
	if (its_fd >= 0) {
		dt_u32(dt, "#msi-cells", 1);
	}
	dt_reg(dt, its_fd >= 0 ? its : v2m, 1);
	dt_u32(dt, "phandle", DT_PHANDLE_MSI);
	dt_end(dt);
}

void gic_dt(struct dt *dt)
{
	const uint64_t reg[] = {
		gic->dist_gpa,
		DIST_SIZE,
		gic->redist_gpa,
		gic->version == GIC_V3 ? REDIST_SIZE : CPU_SIZE,
	};

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
	msi_dt(dt);
	dt_end(dt);
}
