/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with the board's UART beside the console. Described, not run. */
#define CFG_NAME "rk3588_rock5b"
#include "board/rk3588_rock5b.h"
#include "configs/board_guest.h"

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     uart6, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     uart6, 0,    0x0b000000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     uart6, 0,    40)

#include "configs/defaults.h"
