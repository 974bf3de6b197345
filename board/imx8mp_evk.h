/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NXP i.MX 8M Plus EVK: four Cortex-A53, GICv3 without ITS, no IOMMU.
 * Described, not run. IPA bits: PARange of the Cortex-A53. Rates: CAN's is the
 * tree's assigned-clock-rates; the bus's is to be confirmed on the board.
 */
#pragma once

#define BOARD_NAME "imx8mp-evk"
#define BOARD_HOST_DTB "debian:freescale/imx8mp-evk.dtb"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0x38800000
#define BOARD_GIC_REDIST 0x38880000
#define BOARD_HAS_ITS 0
#define BOARD_IPA_BITS 40
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_RAM_GPA 0x40000000
#define BOARD_RAM_BYTES 0x180000000
#define BOARD_CPUS 4
#define BOARD_CONSOLE "/dev/ttymxc1"
#define BOARD_UNSAFE_DMA 1

/*        name  bus         host name             regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(can1, "platform", "308c0000.can",       1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(can1,  0,    0x308c0000, 0x10000)

/*        device index SPI  trigger */
#define BOARD_SOC_LINES(X) \
	X(can1,  0,    142, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(can1,  0,    66666667) \
	X(can1,  1,    40000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(can1,  SOC_NO_IOMMU)
