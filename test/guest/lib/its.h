/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv3 interrupt translation service, one CPU (ARM IHI 0069, chapters 5 and
 * 12): flat tables, one collection, and an LPI for each mapped event.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ITS_TRANSLATER	0x10040u
#define ITS_EVENTS	32u	/* for each device */

/* LPIs on, tables and command queue given: once. False when it fails. */
bool its_init(uint64_t base);

/* Map the event to that LPI; false when the ITS did not take the commands. */
bool its_map(uint32_t device_id, uint32_t event, unsigned int intid);
