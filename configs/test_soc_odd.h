/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board's GPIO, of which the board header says something that is not so on
 * the host that is booted. The build is told of a board where it is: ODD_TREE,
 * made from test/system/odd.dts with these same words.
 */
#ifndef ODD_HOST
#define ODD_HOST "9030000.pl061"
#define ODD_UNIT 9030000
#define ODD_ADDRESS 0x09030000
#endif
#ifndef ODD_REGIONS
#define ODD_REGIONS 1
#endif
#ifndef ODD_SIZE
#define ODD_SIZE 0x1000
#endif
#ifndef ODD_LINES
#define ODD_LINES 1
#endif
#ifndef ODD_TRIGGER
#define ODD_TRIGGER SOC_LEVEL_HIGH
#endif
#ifndef ODD_DMA
#define ODD_DMA SOC_NO_DMA
#endif
#ifndef BOARD_UNSAFE_DMA
#define BOARD_UNSAFE_DMA 1
#endif

#define BOARD_SOC_DEVICES(X) \
	X(odd0, "platform", ODD_HOST, ODD_REGIONS, ODD_LINES, ODD_DMA)
#define BOARD_SOC_REGIONS(X) \
	X(odd0, 0, ODD_ADDRESS, ODD_SIZE)
#define BOARD_SOC_LINES(X) \
	X(odd0, 0, 7, ODD_TRIGGER)
#define BOARD_SOC_QUIESCE(X) \
	X(odd0, 0, 0x410, 1, 0) /* GPIOIE */
#define BOARD_SOC_CLOCKS(X) \
	X(odd0, 0, 24000000)

#define CFG_VFIO_PLATFORM(X) \
	X(guest, odd0, DT_HOST)
#define CFG_VFIO_REGION(X) \
	X(guest, odd0, 0, 0x09030000)
#define CFG_VFIO_LINE(X) \
	X(guest, odd0, 0, 7)

#include "board/qemu_virt_gicv3.h"
#ifdef ODD_TREE
#undef BOARD_HOST_DTB
#define BOARD_HOST_DTB ODD_TREE
#endif
#include "configs/test_soc.h"
