/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-blk on a host file or block device (virtio 1.2 section 5.2). */
#pragma once

#include "core/config.h"

/*
 * Opens the row's path and puts the disk on its transport. Ends the process
 * with EXIT_DISK if the path is missing, not accessible, or no disk.
 */
void blk_init(const struct config_device *row);
