/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value */
#include "configs/qemu_virt.h"

#define SECOND_CPU 1
#include "test/config/two_partitions.inc"
