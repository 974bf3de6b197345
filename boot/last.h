/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the board started anew: PID 1's log, and the host kernel's panic, from
 * before a warm reset. ramoops keeps them in RAM that the board reserves.
 */
#pragma once

/*
 * How the line begins that says why the board ends: the next start finds it
 * and prints what follows. No partition's line begins so:
 * their names have no spaces.
 */
#define LAST_FAILURE "board ends: "
#define LAST_RECOVERY "board goes on: " /* takes a failure back */
#define LAST_ORDER "all partitions have powered off"

/*
 * Prints why the board was reset, if it was; then forgets it, and lets all
 * further lines of the log go to the ring as well, also those of processes
 * that are forked later. Without reserved RAM: nothing.
 */
void last_report(void);
