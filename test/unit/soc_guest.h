/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with platform and AMBA devices of the host. */
#pragma once

#include "core/config.h"
#include "test/unit/vfio_guest.h"

/* RAM, and a GICv3 that is not initialised yet; no device. */
void soc_host(void);
/* The config's row of that name. */
const struct config_device *soc_row(const char *name);
/*
 * The device of the config's row of that name, as its board describes it, at
 * VFIO's driver: without an IOMMU if the board can do without and it does no
 * DMA; with a reset only if the board has no writes for it. The host has its
 * no-IOMMU mode on.
 */
struct fake_card *soc_card(const char *name);
/* The same behind an IOMMU. */
struct fake_card *soc_isolated(const char *name);
/* Gives the device of that row to the guest. */
void soc_init(const char *name);
/* A host with that device, given to the guest. */
struct fake_card *soc_given(const char *name);
/* As devices_start(), after the vGIC's initialisation. */
void soc_start(void);
/* Giving it, or starting it, ends with EXIT_VFIO and one line that has this. */
void soc_refused(const char *name, const char *line);
void soc_start_refused(const char *name, const char *line);
/* How many descriptors of that kind are open. */
unsigned soc_open(enum fake_kind kind);
/* The irqfd of that SPI, or NULL. */
const struct fake_irqfd *soc_irqfd(unsigned spi);
