/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VFIO_LINE: too many rows */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(big, "platform", "big", 0, 17, SOC_NO_DMA)

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X)

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X) \
	X(big, 0, 60, SOC_LEVEL_HIGH) \
	X(big, 1, 61, SOC_LEVEL_HIGH) \
	X(big, 2, 62, SOC_LEVEL_HIGH) \
	X(big, 3, 63, SOC_LEVEL_HIGH) \
	X(big, 4, 64, SOC_LEVEL_HIGH) \
	X(big, 5, 65, SOC_LEVEL_HIGH) \
	X(big, 6, 66, SOC_LEVEL_HIGH) \
	X(big, 7, 67, SOC_LEVEL_HIGH) \
	X(big, 8, 68, SOC_LEVEL_HIGH) \
	X(big, 9, 69, SOC_LEVEL_HIGH) \
	X(big, 10, 70, SOC_LEVEL_HIGH) \
	X(big, 11, 71, SOC_LEVEL_HIGH) \
	X(big, 12, 72, SOC_LEVEL_HIGH) \
	X(big, 13, 73, SOC_LEVEL_HIGH) \
	X(big, 14, 74, SOC_LEVEL_HIGH) \
	X(big, 15, 75, SOC_LEVEL_HIGH) \
	X(big, 16, 76, SOC_LEVEL_HIGH)

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, big, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X) \
	X(guest, big, 0, 60) \
	X(guest, big, 1, 61) \
	X(guest, big, 2, 62) \
	X(guest, big, 3, 63) \
	X(guest, big, 4, 64) \
	X(guest, big, 5, 65) \
	X(guest, big, 6, 66) \
	X(guest, big, 7, 67) \
	X(guest, big, 8, 68) \
	X(guest, big, 9, 69) \
	X(guest, big, 10, 70) \
	X(guest, big, 11, 71) \
	X(guest, big, 12, 72) \
	X(guest, big, 13, 73) \
	X(guest, big, 14, 74) \
	X(guest, big, 15, 75) \
	X(guest, big, 16, 76)
