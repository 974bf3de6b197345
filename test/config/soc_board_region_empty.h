/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_REGIONS/rtc: of no size */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(rtc, 0, 0x09010000, 0)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X)
