/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_LINES/rtc: index beyond the lines of BOARD_SOC_DEVICES */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(rtc, "amba", "9010000.pl031", 1, 1, SOC_NO_DMA)

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(rtc, 0, 0x09010000, 0x1000)

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X) \
	X(rtc, 0, 2, SOC_LEVEL_HIGH) \
	X(rtc, 1, 3, SOC_LEVEL_HIGH)

#undef BOARD_SOC_QUIESCE
#define BOARD_SOC_QUIESCE(X)

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, rtc, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X) \
	X(guest, rtc, 0, 0x09010000)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X) \
	X(guest, rtc, 0, 2)
