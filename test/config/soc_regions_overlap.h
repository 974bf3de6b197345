/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, gpio */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, rtc, DT_HOST) \
	X(guest, gpio, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X) \
	X(guest, rtc, 0, 0x09010000) \
	X(guest, gpio, 0, 0x09010000)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X) \
	X(guest, rtc, 0, 2)
