/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1 of the flash image: prepares the board and keeps partitions alive. */
#pragma once

__attribute__((noreturn)) void supervisor_run(void);
