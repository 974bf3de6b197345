/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/net0: bridge name is not of 1 to 15 characters */
#include "configs/qemu_virt_partitions.h"

#undef CFG_BRIDGE
#define CFG_BRIDGE(X) \
	X(guest, net0, "a_bridge_too_far")
