/* SPDX-License-Identifier: Apache-2.0 */
/* A device that does DMA, without RAM at the host's own addresses. */
#define CFG_NAME "test_soc_dma"
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_HUGE)

#define CFG_VFIO_PLATFORM(X) \
	X(guest, vmmio, DT_HOST)
#define CFG_VFIO_REGION(X) \
	X(guest, vmmio, 0, 0x0a000000)
#define CFG_VFIO_LINE(X) \
	X(guest, vmmio, 0, 16)

#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_soc.h"
