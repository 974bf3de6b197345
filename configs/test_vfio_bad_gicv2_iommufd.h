/* SPDX-License-Identifier: Apache-2.0 */
/* The same by iommufd on GICv2. */
#define CFG_NAME "test_vfio_bad_gicv2_iommufd"
#define BOARD_IOMMUFD 1
/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     nvme0,  0,   nvme0) \
	X(guest,     multi0, 1,   multi0)

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv2.h"
#include "configs/test_vfio_guest.h"
