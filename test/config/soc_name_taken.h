/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .row_guest_uart0 */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(uart0, "platform", "9010000.pl031", 1, 1, SOC_NO_DMA)

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(uart0, 0, 0x09010000, 0x1000)

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X) \
	X(uart0, 0, 2, SOC_LEVEL_HIGH)

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, uart0, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X)
