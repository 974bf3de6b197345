/* SPDX-License-Identifier: Apache-2.0 */
/* expect: mem0: size of the memory is not a power of two from a page to 1 GiB */
#include "configs/qemu_virt_partitions.h"

#undef CFG_MEMORY
#define CFG_MEMORY(X) \
	X(mem0, 0x800, 2)
