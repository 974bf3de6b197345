/* SPDX-License-Identifier: Apache-2.0 */
/* One partition: one process, one thread, one VM. */
#pragma once

/*
 * Starts the guest and runs it to its end; never returns. supervised: PID 1
 * is our parent and restarts us, and the quit key is off.
 */
__attribute__((noreturn)) void partition_run(unsigned index, int supervised);
