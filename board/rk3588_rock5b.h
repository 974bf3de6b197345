/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Radxa ROCK 5B: Rockchip RK3588, four Cortex-A76 and four A55, GICv3 with two
 * ITS. Its SMMUs are disabled in the tree, its other IOMMUs are the video units'
 * own. The boot loader tells where RAM is. Described, not run. IPA bits: PARange
 * of both cores. The rates are the boot loader's, and to be confirmed on the
 * board.
 */
#pragma once

#define BOARD_NAME "rk3588-rock5b"
#define BOARD_HOST_DTB "debian:rockchip/rk3588-rock-5b.dtb"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0xfe600000
#define BOARD_GIC_REDIST 0xfe680000
#define BOARD_HAS_ITS 1
#define BOARD_GIC_ITS 0xfe640000
#define BOARD_IPA_BITS 40
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_CPUS 8
#define BOARD_CONSOLE "/dev/ttyS2"
#define BOARD_UNSAFE_DMA 1

/*        name   bus         host name            regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(uart6, "platform", "feb90000.serial",   1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(uart6, 0,    0xfeb90000, 0x100)

/*        device index SPI  trigger */
#define BOARD_SOC_LINES(X) \
	X(uart6, 0,    337, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(uart6, 0,    24000000) \
	X(uart6, 1,    100000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(uart6, SOC_NO_IOMMU)
