/* SPDX-License-Identifier: Apache-2.0 */
/* expect: row_guest_net1.*undeclared */
#include "configs/qemu_virt_partitions.h"

#undef CFG_BRIDGE
#define CFG_BRIDGE(X) \
	X(guest, net1, "br0")
