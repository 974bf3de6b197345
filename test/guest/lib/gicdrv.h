/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GIC driver for one CPU. GICv3 if the system register interface can be
 * switched on (ID_AA64PFR0_EL1.GIC, ICC_SRE_EL1.SRE), else GICv2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GIC_DIST	0x08000000ull
#define GIC_CPU		0x08010000ull
#define GIC_ITS		0x08080000ull
#define GIC_REDIST	0x080a0000ull

#define INTID_VTIMER	27
#define INTID_SPI(n)	(32 + (n))
#define INTID_LPI(n)	(8192 + (n))
#define GIC_LPIS	64

/* Returns with interrupts still masked in PSTATE. */
void gic_init(void);
unsigned int gic_version(void);

/* The trigger of an SPI, whose reset value is anybody's; not pending then. */
void gic_set_edge(unsigned int intid, bool edge);

/* handler runs with interrupts masked, between acknowledge and EOI. */
void gic_enable(unsigned int intid, bool edge, void (*handler)(void));

/* The handler alone, for LPIs. */
void gic_handle(unsigned int intid, void (*handler)(void));
void gic_disable(unsigned int intid);
bool gic_pending(unsigned int intid);
/* What a guest may write about an SPI. */
void gic_set_pending(unsigned int intid);
void gic_clear_pending(unsigned int intid);
void gic_set_active(unsigned int intid, bool active);

/* Called by the IRQ vector. */
void gic_dispatch(void);

/* How often intid was taken; unexpected ones are counted as intid 0. */
unsigned int gic_taken(unsigned int intid);
