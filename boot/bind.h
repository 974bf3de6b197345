/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the host's devices away from its drivers, for VFIO. */
#pragma once

/*
 * Binds each device of the host that any partition's row names to the VFIO
 * driver of its bus (driver_override). What fails prints a line here, and is
 * refused when its partition starts.
 */
void bind_devices(void);
