/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memories of CFG_MEMORY and the doorbells of CFG_SHARED: made once, before
 * PID 1 forks, so that all partitions have the same, and a restarted one finds
 * them as it left them.
 */
#pragma once

#include "core/sys.h"

/* 0, or -errno, for the caller to report; again without effect. */
MUST_CHECK long shared_init(void);

/* A partition's process gives up what has no row of its own. */
void shared_leave(unsigned partition);

/* Of a row's memory, from 1: its file, */
int shared_memory(unsigned memory);
/* how many partitions have it, */
unsigned shared_peers(unsigned memory);
/* and the eventfd that one of them hears as its vector. */
int shared_bell(unsigned memory, unsigned peer, unsigned vector);
