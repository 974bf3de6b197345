/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VFIO_PLATFORM: too many rows */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(d0, "platform", "d0", 9, 9, SOC_NO_DMA) \
	X(d1, "platform", "d1", 9, 9, SOC_NO_DMA) \
	X(d2, "platform", "d2", 9, 9, SOC_NO_DMA) \
	X(d3, "platform", "d3", 9, 9, SOC_NO_DMA) \
	X(d4, "platform", "d4", 9, 9, SOC_NO_DMA) \
	X(d5, "platform", "d5", 9, 9, SOC_NO_DMA) \
	X(d6, "platform", "d6", 9, 9, SOC_NO_DMA) \
	X(d7, "platform", "d7", 9, 9, SOC_NO_DMA) \
	X(d8, "platform", "d8", 9, 9, SOC_NO_DMA)

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X)

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X)

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, d0, DT_HOST) \
	X(guest, d1, DT_HOST) \
	X(guest, d2, DT_HOST) \
	X(guest, d3, DT_HOST) \
	X(guest, d4, DT_HOST) \
	X(guest, d5, DT_HOST) \
	X(guest, d6, DT_HOST) \
	X(guest, d7, DT_HOST) \
	X(guest, d8, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X)
