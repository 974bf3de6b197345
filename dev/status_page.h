/* SPDX-License-Identifier: Apache-2.0 */
/* The partition's status page (core/status.h), where its guest reads it. */
#pragma once

#include "core/config.h"
#include "core/dt.h"

void status_page_init(const struct config_device *row);
void status_page_dt(const struct config_device *row, struct dt *dt);
