/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The in-kernel vGIC and everything that raises an interrupt in it. GSI
 * numbers, intids and KVM's interrupt calls appear in gic.c only; devices
 * name an SPI, counted from 0 as in their config row.
 */
#pragma once

#include "core/config.h"
#include "core/dt.h"

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

void gic_dt(struct dt *dt);
