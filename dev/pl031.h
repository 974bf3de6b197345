/* SPDX-License-Identifier: Apache-2.0 */
/* ARM PrimeCell real time clock PL031 (DDI 0224B), on the host's wall clock. */
#pragma once

#include "core/config.h"
#include "core/dt.h"

void pl031_init(const struct config_device *row);
void pl031_dt(const struct config_device *row, struct dt *dt);
