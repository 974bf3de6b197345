/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/ram: RAM at host addresses needs hugepages of at least 2 MiB */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

/* The host may give it an address at which no Image can run. */
#undef BOARD_HUGEPAGE_SIZE
#define BOARD_HUGEPAGE_SIZE 0x40000
