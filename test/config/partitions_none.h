/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PARTITIONS: exactly one partition|partition_guest */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X)
