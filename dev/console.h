/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-console (virtio 1.2 section 5.3) with one port. */
#pragma once

#include "core/config.h"

/* A console on the host terminal row->path. */
void console_init(const struct config_device *row);
