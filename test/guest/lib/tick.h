/* SPDX-License-Identifier: Apache-2.0 */
/* The EL1 virtual timer (CNTV), used as a one-shot alarm. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Interrupt after ms from now; tick_fired() then turns true. */
void tick_start(uint64_t ms);
void tick_stop(void);
bool tick_fired(void);

/* WFI until *flag or until ms have passed; returns *flag. */
bool tick_wait(volatile bool *flag, uint64_t ms);
