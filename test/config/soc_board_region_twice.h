/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .board_soc_size_rtc_0 */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(rtc, 0, 0x09010000, 0x1000) \
	X(rtc, 0, 0x09011000, 0x1000)
