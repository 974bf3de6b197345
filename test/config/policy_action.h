/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: unknown failure action */
#include "configs/qemu_virt.h"

#undef CFG_POLICY
#define CFG_POLICY(X) \
	X(guest, 3, 100, 17)
