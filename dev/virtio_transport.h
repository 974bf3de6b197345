/* SPDX-License-Identifier: Apache-2.0 */
/* The transport that a virtio device's config row chose. */
#pragma once

#include "core/config.h"
#include "core/dt.h"
#include "dev/virtio.h"

/*
 * Puts a device on the transport of its config row. The device's name, type,
 * config, offered features and queue_size are set; the rest is zero.
 */
void virtio_attach(struct virtio_device *device,
		   const struct config_device *row);
/* The device's node; a function of a PCI bus has none. */
void virtio_dt(const struct config_device *row, struct dt *dt);
