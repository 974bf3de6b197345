/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NXP LX2160A RDB: 16 Cortex-A72, GICv3 with ITS. Its SMMU-500 has, in the
 * tree, streams of PCI and of the packet processor (fsl-mc) only. Described, not
 * run. IPA bits: PARange of the Cortex-A72. Rates: CAN's is the tree's system
 * clock; the bus's, an eighth of a PLL of 1.4 GHz, is the reset word's choice and
 * to be confirmed on the board.
 */
#pragma once

#define BOARD_NAME "lx2160a-rdb"
#define BOARD_HOST_DTB "debian:freescale/fsl-lx2160a-rdb.dtb"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0x06000000
#define BOARD_GIC_REDIST 0x06200000
#define BOARD_HAS_ITS 1
#define BOARD_GIC_ITS 0x06020000
#define BOARD_IPA_BITS 44
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_RAM_GPA 0x80000000
#define BOARD_RAM_BYTES 0x80000000
#define BOARD_CPUS 16
#define BOARD_CONSOLE "/dev/ttyAMA0"
#define BOARD_UNSAFE_DMA 1

/*        name  bus         host name             regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(can0, "platform", "2180000.can",        1,      1,    SOC_NO_DMA) \
	X(can1, "platform", "2190000.can",        1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(can0,  0,    0x02180000, 0x10000) \
	X(can1,  0,    0x02190000, 0x10000)

/*        device index SPI trigger */
#define BOARD_SOC_LINES(X) \
	X(can0,  0,    21, SOC_LEVEL_HIGH) \
	X(can1,  0,    22, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(can0,  0,    175000000) \
	X(can0,  1,    100000000) \
	X(can1,  0,    175000000) \
	X(can1,  1,    100000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(can0,  SOC_NO_IOMMU) \
	X(can1,  SOC_NO_IOMMU)
