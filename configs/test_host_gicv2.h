/* SPDX-License-Identifier: Apache-2.0 */
/* The same on a GICv2 host, where messages go through a GICv2m frame. */
#define CFG_NAME "test_host_gicv2"
#include "board/qemu_virt_gicv2.h"

#include "configs/test_host.h"
