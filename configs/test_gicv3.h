/* SPDX-License-Identifier: Apache-2.0 */
/* The bare-metal test guests on a GICv3 host. */
#define CFG_NAME "test_gicv3"

#include "board/qemu_virt_gicv3.h"
#include "configs/test_guest.h"
