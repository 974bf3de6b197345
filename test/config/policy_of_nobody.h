/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_other */
#include "configs/qemu_virt.h"

#undef CFG_POLICY
#define CFG_POLICY(X) \
	X(other, 3, 100, FAIL_STOP)
