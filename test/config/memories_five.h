/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_MEMORY: too many rows */
#include "configs/qemu_virt_partitions.h"

#undef CFG_MEMORY
#define CFG_MEMORY(X) \
	X(mem0, 0x1000, 2) X(mem1, 0x1000, 2) X(mem2, 0x1000, 2) \
	X(mem3, 0x1000, 2) X(mem4, 0x1000, 2)
