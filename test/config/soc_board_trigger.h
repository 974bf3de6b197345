/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_LINES/rtc: neither SOC_EDGE_RISING nor SOC_LEVEL_HIGH */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X) \
	X(rtc, 0, 2, 4)
