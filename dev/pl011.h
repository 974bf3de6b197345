/* SPDX-License-Identifier: Apache-2.0 */
/* ARM PrimeCell UART PL011 (DDI 0183G). */
#pragma once

#include "core/config.h"
#include "core/dt.h"

/* The first UART of a partition owns the host terminal. */
void pl011_init(const struct config_device *row);
void pl011_dt(const struct config_device *row, struct dt *dt);
