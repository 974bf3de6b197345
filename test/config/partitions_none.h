/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PARTITIONS: not 1 to 8 partitions|partition_guest */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X)
