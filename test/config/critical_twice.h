/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .how_critical_guest */
#include "configs/qemu_virt.h"

#undef CFG_WATCHDOG_SECONDS
#define CFG_WATCHDOG_SECONDS 10
#undef CFG_CRITICAL
#define CFG_CRITICAL(X) \
	X(guest, 1000) \
	X(guest, 2000)
