/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-vsock (virtio 1.2 section 5.10), carried by the host's vhost-vsock. */
#pragma once

#include "core/config.h"

/* Ends the process with EXIT_VHOST if the host has none, or the cid in use. */
void vsock_init(const struct config_device *row);
