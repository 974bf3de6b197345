/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: is critical, but CFG_WATCHDOG_SECONDS is 0 */
#include "configs/qemu_virt.h"

#undef CFG_CRITICAL
#define CFG_CRITICAL(X) \
	X(guest, 1000)
