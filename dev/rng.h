/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-rng: the host's entropy (virtio 1.2 section 5.4). */
#pragma once

#include "core/config.h"

void rng_init(const struct config_device *row);
