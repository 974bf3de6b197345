/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with the board's I2C bus of the expansion header. Described, not run. */
#define CFG_NAME "am625_sk"
#include "board/am625_sk.h"
#include "configs/board_guest.h"

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     i2c2,  DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     i2c2,  0,    0x0b000000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     i2c2,  0,    40)

#include "configs/defaults.h"
