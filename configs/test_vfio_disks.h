/* SPDX-License-Identifier: Apache-2.0 */
/* NVMe: its BAR shared with MSI-X, not shared, behind a port, beside another. */
#define CFG_NAME "test_vfio_disks"
/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     shared, 0,   nvme0) \
	X(guest,     apart,  1,   nvme1) \
	X(guest,     behind, 2,   nvme2) \
	X(guest,     multi,  3,   multi1)

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"
