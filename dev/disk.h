/* SPDX-License-Identifier: Apache-2.0 */
/* The file or block device of the host that stands behind a guest's disk. */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/sys.h"

struct disk {
	int fd;
	int direct_fd; /* past the host's page cache (O_DIRECT); -1: no such */
	uint64_t sectors; /* of 512 bytes */
	uint32_t block_size; /* logical: what can be addressed, in bytes */
	uint32_t physical_size; /* what is written at once, in bytes */
	uint32_t memory_align; /* of buffers for direct_fd, in bytes */
	uint32_t offset_align; /* of positions and lengths for it */
	int in_memory; /* tmpfs, ramfs: never waits */
};

/*
 * Opens the row's path for its access. Ends the process with EXIT_DISK if it
 * is missing, not allowed, or no disk.
 */
void disk_open(struct disk *disk, const struct config_device *row);

/* The fd for a transfer: direct_fd where all of it is aligned. */
int disk_fd(const struct disk *disk, const struct sys_iovec *iov, unsigned n,
	    uint64_t offset);
