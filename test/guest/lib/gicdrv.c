/* SPDX-License-Identifier: Apache-2.0 */
/* GICv2 and GICv3, group 1 interrupts, one CPU (ARM IHI 0048 and 0069). */
#include "gicdrv.h"

#include "arm.h"
#include "trap.h"

#define GICD_CTLR	0x000
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_ISPENDR	0x200
#define GICD_ICPENDR	0x280
#define GICD_ISACTIVER	0x300
#define GICD_ICACTIVER	0x380
#define GICD_IPRIORITYR	0x400
#define GICD_ITARGETSR	0x800
#define GICD_ICFGR	0xc00
#define GICD_IROUTER	0x6000
#define GICC_CTLR	0x00
#define GICC_PMR	0x04
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10
#define GICR_WAKER	0x14
#define GICR_SGI	0x10000

#define ICC_SRE		"s3_0_c12_c12_5"
#define ICC_PMR		"s3_0_c4_c6_0"
#define ICC_CTLR	"s3_0_c12_c12_4"
#define ICC_IGRPEN1	"s3_0_c12_c12_7"
#define ICC_IAR1	"s3_0_c12_c12_0"
#define ICC_EOIR1	"s3_0_c12_c12_1"

#define INTIDS		(32 + 256)
#define SPURIOUS	1020

static unsigned int version;
static void (*handlers[INTIDS + GIC_LPIS])(void);
static unsigned int taken[INTIDS + GIC_LPIS];

/* Place in the tables above; 0, which is no interrupt's here, for the rest. */
static unsigned int place(unsigned int intid)
{
	if (intid - INTID_LPI(0) < GIC_LPIS) {
		return INTIDS + intid - INTID_LPI(0);
	}
	return intid < INTIDS ? intid : 0;
}

static unsigned int detect(void)
{
	uint64_t sre;

	if ((sysreg_read("id_aa64pfr0_el1") >> 24 & 15) == 0) {
		return 2;
	}
	trap_expect();
	sysreg_write(ICC_SRE, sysreg_read(ICC_SRE) | 1);
	isb();
	sre = sysreg_read(ICC_SRE);
	return trap_done().count == 0 && (sre & 1) != 0 ? 3 : 2;
}

/* Distributor, or the redistributor's copy for private interrupts. */
static uint64_t bank(unsigned int intid)
{
	return version == 3 && intid < 32 ? GIC_REDIST + GICR_SGI : GIC_DIST;
}

static void init_v3(void)
{
	mmio_write32(GIC_DIST + GICD_CTLR, 0x12);	/* ARE, group 1 NS */
	mmio_write32(GIC_REDIST + GICR_WAKER, 0);
	while ((mmio_read32(GIC_REDIST + GICR_WAKER) & 4) != 0) {
	}
	mmio_write32(GIC_REDIST + GICR_SGI + GICD_IGROUPR, ~0u);
	sysreg_write(ICC_PMR, 0xff);
	sysreg_write(ICC_CTLR, 0);
	sysreg_write(ICC_IGRPEN1, 1);
	isb();
}

static void init_v2(void)
{
	mmio_write32(GIC_DIST + GICD_CTLR, 1);
	mmio_write32(GIC_CPU + GICC_PMR, 0xff);
	mmio_write32(GIC_CPU + GICC_CTLR, 1);
}

void gic_init(void)
{
	if (version != 0) {
		return;
	}
	version = detect();
	if (version == 3) {
		init_v3();
	} else {
		init_v2();
	}
}

unsigned int gic_version(void)
{
	return version;
}

static void route(unsigned int intid)
{
	if (version == 3) {
		mmio_write32(bank(intid) + GICD_IGROUPR + intid / 32 * 4,
			     ~0u);
		if (intid >= 32) {
			mmio_write64(GIC_DIST + GICD_IROUTER + intid * 8ull,
				     sysreg_read("mpidr_el1") & 0xff00ffffff);
		}
	} else if (intid >= 32) {
		mmio_write8(GIC_DIST + GICD_ITARGETSR + intid, 1);
	}
}

void gic_set_edge(unsigned int intid, bool edge)
{
	uint64_t cfg = bank(intid) + GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = 2u << intid % 16 * 2;

	mmio_write32(cfg, (mmio_read32(cfg) & ~bit) | (edge ? bit : 0));
	mmio_write32(bank(intid) + GICD_ICPENDR + intid / 32 * 4,
		     1u << intid % 32);
}

void gic_enable(unsigned int intid, bool edge, void (*handler)(void))
{
	uint64_t b;

	gic_init();
	b = bank(intid);
	gic_handle(intid, handler);
	if (intid >= 32) {
		gic_set_edge(intid, edge);
	}
	mmio_write8(b + GICD_IPRIORITYR + intid, 0x80);
	route(intid);
	mmio_write32(b + GICD_ICPENDR + intid / 32 * 4, 1u << intid % 32);
	mmio_write32(b + GICD_ISENABLER + intid / 32 * 4, 1u << intid % 32);
}

void gic_disable(unsigned int intid)
{
	mmio_write32(bank(intid) + GICD_ICENABLER + intid / 32 * 4,
		     1u << intid % 32);
}

bool gic_pending(unsigned int intid)
{
	return (mmio_read32(bank(intid) + GICD_ISPENDR + intid / 32 * 4) >>
		intid % 32 & 1) != 0;
}

void gic_set_pending(unsigned int intid)
{
	mmio_write32(bank(intid) + GICD_ISPENDR + intid / 32 * 4,
		     1u << intid % 32);
}

void gic_clear_pending(unsigned int intid)
{
	mmio_write32(bank(intid) + GICD_ICPENDR + intid / 32 * 4,
		     1u << intid % 32);
}

void gic_set_active(unsigned int intid, bool active)
{
	mmio_write32(bank(intid) + (active ? GICD_ISACTIVER : GICD_ICACTIVER) +
		     intid / 32 * 4, 1u << intid % 32);
}

static void serve(unsigned int intid)
{
	unsigned int i = place(intid);

	if (handlers[i] != NULL) {
		taken[i]++;
		handlers[i]();
	} else {
		taken[0]++;
	}
}

void gic_handle(unsigned int intid, void (*handler)(void))
{
	handlers[place(intid)] = handler;
}

static void dispatch_v3(void)
{
	uint64_t intid = sysreg_read(ICC_IAR1);

	dsb();
	if (intid < SPURIOUS || intid >= INTID_LPI(0)) {
		serve((unsigned int)intid);
		sysreg_write(ICC_EOIR1, intid);
		isb();
	}
}

static void dispatch_v2(void)
{
	uint32_t iar = mmio_read32(GIC_CPU + GICC_IAR);

	if ((iar & 0x3ff) < SPURIOUS) {
		serve(iar & 0x3ff);
		mmio_write32(GIC_CPU + GICC_EOIR, iar);
	}
}

void gic_dispatch(void)
{
	if (version == 3) {
		dispatch_v3();
	} else {
		dispatch_v2();
	}
}

unsigned int gic_taken(unsigned int intid)
{
	return taken[place(intid)];
}
