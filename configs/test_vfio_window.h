/* SPDX-License-Identifier: Apache-2.0 */
/* RAM where the SMMU has the window for messages: 0x08000000. */
#ifndef CFG_NAME
#define CFG_NAME "test_vfio_window"
#endif
/*        partition  name  gpa         size        policy */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x06000000, RAM_HUGE) \
	X(guest,     low,  0x08000000, 0x00200000, RAM_HUGE)

#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"

#undef CFG_GIC_DIST
#undef CFG_GIC_ITS
#undef CFG_GIC_REDIST
#define CFG_GIC_DIST 0x0b000000
#define CFG_GIC_ITS 0x0b080000
#define CFG_GIC_REDIST 0x0b0a0000
