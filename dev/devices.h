/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a partition, in the one order that init and FDT share. */
#pragma once

#include "core/dt.h"

/* Makes the devices of that partition's config rows. */
void devices_init(unsigned partition);
/* What they need a complete interrupt controller for, before the guest runs. */
void devices_start(void);
/* Writes their nodes. */
void devices_dt(unsigned partition, struct dt *dt);
/* The partition's guest has stopped: so does the DMA of the host's devices. */
void devices_stop(void);
