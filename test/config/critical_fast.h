/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: to answer in less than 10 or more than 60000 ms */
#include "configs/qemu_virt.h"

#undef CFG_WATCHDOG_SECONDS
#define CFG_WATCHDOG_SECONDS 10
#undef CFG_CRITICAL
#define CFG_CRITICAL(X) \
	X(guest, 9)
