/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few words that survive SYSTEM_RESET: they are kept in the last sector of
 * slot 0's disk, which gets its usual content back with memo_clear().
 */
#pragma once

#include <stdint.h>

struct memo {
	uint64_t magic;		/* set by memo_save() */
	uint64_t boots;
	uint64_t value[4];
};

/* Zeroes when there is none. 0 or a failed line. */
int memo_load(struct memo *m);
int memo_save(struct memo *m);
int memo_clear(void);
