/* SPDX-License-Identifier: Apache-2.0 */
/* Linux with the board's first UART, on a Raspberry Pi 4. */
#define CFG_NAME "raspi4b"
#include "board/raspi4b.h"
#include "configs/board_guest.h"

/*        partition  name  gpa         spi  transport */
#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0, 0x0a000200, 17,  VIRTIO_MMIO)

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     serial0, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     serial0, 0,    0x0b000000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     serial0, 0,    40)

#include "configs/defaults.h"
