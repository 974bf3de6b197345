/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's payload, in guest RAM or as its ROM: bytes of this binary, or of
 * the host's RAM, where a boot loader puts them (BOARD_PAYLOAD_GPA).
 */
#pragma once

#include "core/config.h"

/* Maps the payload where this binary comes without; only this build's. */
void image_open(void);

/* Puts image and initrd to where the config laid them out. */
void image_load(const struct config_partition *partition);
