/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The in-kernel vGIC and everything that raises an interrupt in it. GSI
 * numbers, intids and KVM's interrupt calls appear in gic.c only; devices
 * name an SPI, counted from 0 as in their config row.
 */
#pragma once

#include "core/config.h"
#include "core/dt.h"
#include "core/sys.h"

/*
 * Makes the vGIC that the board names, and its ITS. Ends the process with
 * EXIT_GIC if the host does not offer it. Before the vCPU's first run.
 */
void gic_init(const struct config_gic *config);
/* Initialises it; after the vCPU was made. */
void gic_finalize(void);

/* Sets the level of a wired, level-triggered SPI. */
void gic_set_level(unsigned spi, int level);
/* Makes a wired, edge-triggered SPI pending. */
void gic_pulse(unsigned spi);

/* A message-signalled interrupt, as its guest programmed it: any values. */
struct gic_msi {
	uint64_t address;
	uint32_t data;
	uint32_t device_id; /* as the ITS sees the sender */
};

/* True if the guest has an ITS or a GICv2m frame to send messages to. */
int gic_has_msi(void);
/* Sends one message; one that no interrupt controller takes is lost. */
void gic_send_msi(const struct gic_msi *msi);

/*
 * Each write to the eventfd fd raises the interrupt, inside of the kernel
 * (irqfd), at once if one happened already. A handle >= 0 for gic_unbind(), or
 * -errno: -EINVAL if the message reaches no interrupt controller.
 */
MUST_CHECK int gic_bind_spi(int fd, unsigned spi);
MUST_CHECK int gic_bind_msi(int fd, const struct gic_msi *msi);
/*
 * A level-triggered SPI: a write to trigger raises it; at the guest's EOI it
 * falls, and resample is signalled. At most one such binding for an SPI.
 */
MUST_CHECK int gic_bind_level(int trigger, int resample, unsigned spi);
void gic_unbind(int handle);
/*
 * The guest finds the SPI level-triggered, as its line is, where KVM's start as
 * edge-triggered: a guest may rely on that, and what a device asserts already
 * is a level from the start. Before the guest's first instruction.
 */
void gic_start_level(unsigned spi);

void gic_dt(struct dt *dt);
