/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VFIO_REGION: too many rows */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "test/config/soc_board.inc"

#undef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X) \
	X(big, "platform", "big", 17, 0, SOC_NO_DMA)

#undef BOARD_SOC_REGIONS
#define BOARD_SOC_REGIONS(X) \
	X(big, 0, 0xc000000, 0x1000) \
	X(big, 1, 0xc001000, 0x1000) \
	X(big, 2, 0xc002000, 0x1000) \
	X(big, 3, 0xc003000, 0x1000) \
	X(big, 4, 0xc004000, 0x1000) \
	X(big, 5, 0xc005000, 0x1000) \
	X(big, 6, 0xc006000, 0x1000) \
	X(big, 7, 0xc007000, 0x1000) \
	X(big, 8, 0xc008000, 0x1000) \
	X(big, 9, 0xc009000, 0x1000) \
	X(big, 10, 0xc00a000, 0x1000) \
	X(big, 11, 0xc00b000, 0x1000) \
	X(big, 12, 0xc00c000, 0x1000) \
	X(big, 13, 0xc00d000, 0x1000) \
	X(big, 14, 0xc00e000, 0x1000) \
	X(big, 15, 0xc00f000, 0x1000) \
	X(big, 16, 0xc010000, 0x1000)

#undef BOARD_SOC_LINES
#define BOARD_SOC_LINES(X)

#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) \
	X(guest, big, DT_HOST)

#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X) \
	X(guest, big, 0, 0xc000000) \
	X(guest, big, 1, 0xc001000) \
	X(guest, big, 2, 0xc002000) \
	X(guest, big, 3, 0xc003000) \
	X(guest, big, 4, 0xc004000) \
	X(guest, big, 5, 0xc005000) \
	X(guest, big, 6, 0xc006000) \
	X(guest, big, 7, 0xc007000) \
	X(guest, big, 8, 0xc008000) \
	X(guest, big, 9, 0xc009000) \
	X(guest, big, 10, 0xc00a000) \
	X(guest, big, 11, 0xc00b000) \
	X(guest, big, 12, 0xc00c000) \
	X(guest, big, 13, 0xc00d000) \
	X(guest, big, 14, 0xc00e000) \
	X(guest, big, 15, 0xc00f000) \
	X(guest, big, 16, 0xc010000)

#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X)
