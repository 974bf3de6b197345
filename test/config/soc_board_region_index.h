/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_REGIONS/rtc: index beyond the regions of BOARD_SOC_DEVICES */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(rtc, 0, 0x09010000, 0x1000) \
	X(rtc, 1, 0x09011000, 0x1000)
