/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with the board's first CAN controller. Described, not run. */
#define CFG_NAME "j721e_evm"
#include "board/j721e_evm.h"
#include "configs/board_guest.h"

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     mcan0, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     mcan0, 0,    0x0b000000) \
	X(guest,     mcan0, 1,    0x0b010000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     mcan0, 0,    40) \
	X(guest,     mcan0, 1,    41)

#include "configs/defaults.h"
