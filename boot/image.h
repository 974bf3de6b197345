/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's payload: bytes of this binary, copied into guest RAM. */
#pragma once

#include "core/config.h"

/* Copies image and initrd to where the config laid them out. */
void image_load(const struct config_partition *partition);
