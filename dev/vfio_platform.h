/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform and AMBA devices of the host (vfio-platform, vfio-amba): registers
 * mapped into the guest, or trapped and forwarded where they cannot be, and
 * wired interrupts that go into the vGIC inside of the kernel.
 */
#pragma once

#include "core/config.h"

/* Takes the device, quietens it and shows its registers. Ends the process with
 * EXIT_VFIO if it is not as the board says. */
void vfio_platform_init(const struct config_device *row);
/* Connects the interrupts of all; after the vGIC is complete. */
void vfio_platform_start(void);
/* The guest has stopped: no interrupt and no DMA follows. */
void vfio_platform_stop(void);
