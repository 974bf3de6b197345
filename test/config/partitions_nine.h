/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PARTITIONS: not 1 to 8 partitions */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X) \
	X(guest, 0, 0, 0) X(p1, 0, 0, 0) X(p2, 0, 0, 0) X(p3, 0, 0, 0) \
	X(p4, 0, 0, 0) X(p5, 0, 0, 0) X(p6, 0, 0, 0) X(p7, 0, 0, 0) \
	X(p8, 0, 0, 0)
