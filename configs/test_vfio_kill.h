/* SPDX-License-Identifier: Apache-2.0 */
/* The guest that is killed in the middle of its I/O, over and over. */
#ifndef CFG_NAME
#define CFG_NAME "test_vfio_kill"
#endif
#define CFG_RESTARTS 1000
#define CFG_BACKOFF_MS 0
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_HUGE)

/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     nvme0, 0,   nvme0)

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"
