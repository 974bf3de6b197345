/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_DEVICES/rtc: regions or lines are not in 0..255 */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(rtc, "amba", "9010000.pl031", 256, 1, SOC_NO_DMA)
