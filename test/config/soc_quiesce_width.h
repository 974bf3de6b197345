/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_QUIESCE/rtc: no aligned access of 1, 2, 4 or 8 bytes in the region */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

#undef BOARD_SOC_QUIESCE
#define BOARD_SOC_QUIESCE(X) \
	X(rtc, 0, 0x12, 3, 0)

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, rtc, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X) \
	X(guest, rtc, 0, 0x09010000)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X) \
	X(guest, rtc, 0, 2)
