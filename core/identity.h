/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAM_IDENTITY and RAM_CARVEOUT: guest RAM whose guest physical addresses are
 * the host's, for devices whose DMA no IOMMU translates; of a carve-out, they
 * are the config's, too. The supervisor holds it for as long as
 * the board runs: a device that still writes when its partition was killed
 * writes into RAM that is nobody else's. Its pages are pinned: no error
 * handling and no compaction of the kernel's moves them.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"

static inline int identity_is(const struct config_ram *ram)
{
	return ram->policy == RAM_IDENTITY || ram->policy == RAM_CARVEOUT;
}

/*
 * In the supervisor, before a partition's first start: takes hugepages for its
 * identity RAM, if it has any, that lie in one piece, or where that is carved
 * out. Says nothing if that fails: the partition's start will.
 */
void identity_hold(unsigned partition);
/* In the supervisor: from now on, the RAM has had an owner. */
void identity_mark_used(unsigned partition);

/*
 * In the partition: maps its RAM at host address at; returns its guest physical
 * address. Ends the process with EXIT_MEMORY if nobody holds it.
 */
uint64_t identity_map(unsigned partition, const struct config_ram *ram,
		      char *at);
/* True if it holds what its last owner, or a device of that, has written. */
int identity_is_used(unsigned partition);
