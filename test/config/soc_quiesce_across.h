/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_QUIESCE/rtc: no aligned access of 1, 2, 4 or 8 bytes in the region */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(rtc, 0, 0x09010000, 0xffc)

#undef BOARD_SOC_QUIESCE
#define BOARD_SOC_QUIESCE(X) \
	X(rtc, 0, 0xff8, 8, 0)
