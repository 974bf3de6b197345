/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory between guests: a PCI function with the BARs of QEMU's
 * ivshmem, revision 1 (QEMU docs/specs/ivshmem-spec.rst). Without vectors it
 * is "plain", with them a "doorbell".
 */
#pragma once

#include "core/config.h"

/*
 * Maps the row's memory (dev/shared.h), or makes or opens its file, and beside
 * it a named pipe for each peer and vector. Ends the process with EXIT_SHMEM if
 * the host refuses, or the file has another size.
 */
void shmem_init(const struct config_device *row);
