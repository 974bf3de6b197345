/* SPDX-License-Identifier: Apache-2.0 */
/* The board header has another size of a BAR than the card. */
#define CFG_NAME "test_vfio_bar"
#define BOARD_PCI_FUNCTIONS(X) \
	X(odd0, "0000:00:02.0", 0x1b36, 0x0010, 0x8000, 0, 0, 0, 0, 0, 65)
#define CFG_VFIO_PCI(X) \
	X(guest, odd0, 0, odd0)

#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"
