/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .board_soc_id_rtc */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(rtc, "amba", "9010000.pl031", 1, 1, SOC_NO_DMA) \
	X(rtc, "amba", "9010000.pl031", 1, 1, SOC_NO_DMA)
