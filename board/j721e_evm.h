/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TI J721E EVM (TDA4VM): two Cortex-A72, GICv3 with ITS; no node of its tree
 * names its SMMUv3. Described, not run. IPA bits: PARange of the Cortex-A72.
 * The rates are the firmware's, and to be confirmed on the board.
 */
#pragma once

#define BOARD_NAME "j721e-evm"
#define BOARD_HOST_DTB "debian:ti/k3-j721e-evm.dtb"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0x01800000
#define BOARD_GIC_REDIST 0x01900000
#define BOARD_HAS_ITS 1
#define BOARD_GIC_ITS 0x01820000
#define BOARD_IPA_BITS 44
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_RAM_GPA 0x80000000
#define BOARD_RAM_BYTES 0x880000000
#define BOARD_CPUS 2
#define BOARD_CONSOLE "/dev/ttyS2"
#define BOARD_UNSAFE_DMA 1

/*        name   bus         host name            regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(mcan0, "platform", "2701000.can",       2,      2,    SOC_NO_DMA) \
	X(uart4, "platform", "2840000.serial",    1,      1,    SOC_NO_DMA)

/* CAN: registers, and the messages' RAM. */
/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(mcan0, 0,    0x02701000, 0x200) \
	X(mcan0, 1,    0x02708000, 0x8000) \
	X(uart4, 0,    0x02840000, 0x100)

/*        device index SPI  trigger */
#define BOARD_SOC_LINES(X) \
	X(mcan0, 0,    124, SOC_LEVEL_HIGH) \
	X(mcan0, 1,    125, SOC_LEVEL_HIGH) \
	X(uart4, 0,    196, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(mcan0, 0,    125000000) \
	X(mcan0, 1,    80000000) \
	X(uart4, 0,    48000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(mcan0, SOC_NO_IOMMU) \
	X(uart4, SOC_NO_IOMMU)
