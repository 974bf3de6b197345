/* SPDX-License-Identifier: Apache-2.0 */
/* virtio over MMIO, versions 2 and 1 (virtio 1.2 sections 4.2.2, 4.2.4). */
#pragma once

#include "core/config.h"
#include "core/dt.h"
#include "dev/virtio.h"

/*
 * Puts a device on the transport of its config row. The device's name, type,
 * config, offered features and queue_size are set; the rest is zero.
 */
void virtio_mmio_init(struct virtio_device *device,
		      const struct config_device *row);
void virtio_mmio_dt(const struct config_device *row, struct dt *dt);
