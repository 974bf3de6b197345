/* SPDX-License-Identifier: Apache-2.0 */
/* The host's end of a guest's network: a tap interface. */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/sys.h"

/*
 * Makes or opens the row's tap interface, sets it up and gives it the row's
 * host address; its non-blocking fd. Ends the process with EXIT_NET if the
 * host refuses.
 */
int tap_open(const struct config_device *row);
/* Length of the virtio_net_hdr before each packet, in bytes. */
long tap_set_header(int fd, int bytes);
/* TUN_F_*: what packets to the guest may leave undone; 0 or -errno. */
MUST_CHECK long tap_set_offload(int fd, unsigned flags);
