/* SPDX-License-Identifier: Apache-2.0 */
/* What a broken host refuses: a disk, and one of two functions in a group. */
#define CFG_NAME "test_vfio_bad"
/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     nvme0,  0,   nvme0) \
	X(guest,     multi0, 1,   multi0)

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"
