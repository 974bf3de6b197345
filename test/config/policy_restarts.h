/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: restarts: negative */
#include "configs/qemu_virt.h"

#undef CFG_POLICY
#define CFG_POLICY(X) \
	X(guest, -1, 100, FAIL_STOP)
