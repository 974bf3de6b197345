/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's payload: bytes of this binary, in guest RAM or as its ROM. */
#pragma once

#include "core/config.h"

/* Puts image and initrd to where the config laid them out. */
void image_load(const struct config_partition *partition);
