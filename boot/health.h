/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the partitions that the config calls critical answer, and the board's
 * watchdog, which is fed only while they do. For PID 1.
 */
#pragma once

#include <stdint.h>

/*
 * Starts the board's watchdog, if the config wants it. 0, or -errno if the
 * board has none: a line has said so.
 */
int health_init(void);
/* In a partition's process: the watchdog is PID 1's alone. */
void health_leave(void);
/* The partition's process number; 0: it has none now. */
void health_started(unsigned partition, int pid, int64_t now);
/*
 * Looks at the answers that are due, asks for the next ones and feeds the
 * watchdog. now: CLOCK_MONOTONIC milliseconds. When to call it again, or
 * INT64_MAX if nothing is watched.
 */
int64_t health_check(int64_t now);
/*
 * True if all partitions are up: those whose guests see their status page have
 * written to it, others have run for 5 seconds, and the critical ones answer.
 */
int health_up(int64_t now);
/* The board stops for good: no bite may follow. */
void health_end(void);
