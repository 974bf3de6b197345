/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_other.*undeclared */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(other, rtc0, 0x09010000, 2)
