/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with the board's first CAN controller. Described, not run. */
#define CFG_NAME "lx2160a_rdb"
#include "board/lx2160a_rdb.h"
#include "configs/board_guest.h"

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     can0,  DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     can0,  0,    0x0b000000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     can0,  0,    40)

#include "configs/defaults.h"
