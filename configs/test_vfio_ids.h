/* SPDX-License-Identifier: Apache-2.0 */
/* The board header names another card than there is. */
#define CFG_NAME "test_vfio_ids"
#define BOARD_PCI_FUNCTIONS(X) \
	X(odd0, "0000:00:02.0", 0x1b36, 0x0011, 0x4000, 0, 0, 0, 0, 0, 65)
#define CFG_VFIO_PCI(X) \
	X(guest, odd0, 0, odd0)

#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"
