/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: backoff is not in 0..10000 ms */
#include "configs/qemu_virt.h"

#undef CFG_POLICY
#define CFG_POLICY(X) \
	X(guest, 3, 10001, FAIL_STOP)
