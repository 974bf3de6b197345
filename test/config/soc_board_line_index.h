/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_LINES/rtc: index beyond the lines of BOARD_SOC_DEVICES */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X) \
	X(rtc, 0, 2, SOC_LEVEL_HIGH) \
	X(rtc, 1, 3, SOC_LEVEL_HIGH)
