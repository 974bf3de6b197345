/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-net (virtio 1.2 section 5.1) on a tap interface. */
#pragma once

#include "core/config.h"

/*
 * The host kernel moves the packets (vhost-net); without it we do. Ends the
 * process with EXIT_NET or EXIT_VHOST if the host refuses.
 */
void net_init(const struct config_device *row);
