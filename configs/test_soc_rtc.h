/* SPDX-License-Identifier: Apache-2.0 */
/* One device of the board: another partition has another. */
#define CFG_NAME "test_soc_rtc"
/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     rtc, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     rtc, 0,    0x09010000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     rtc, 0,    2)

#include "board/qemu_virt_soc.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_soc.h"
