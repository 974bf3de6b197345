/* SPDX-License-Identifier: Apache-2.0 */
/* expect: mem0: vectors of the memory are not in 0..4 */
#include "configs/qemu_virt_partitions.h"

#undef CFG_MEMORY
#define CFG_MEMORY(X) \
	X(mem0, 0x1000, 5)
