/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TI AM62x starter kit (AM625): four Cortex-A53, GICv3 with ITS, no IOMMU. Its
 * tree switches on no CAN, and no UART but the console's and the firmware's:
 * what there is to give away is the I2C bus of the expansion header. Described,
 * not run. IPA bits: PARange of the Cortex-A53. The rate is the firmware's, and
 * to be confirmed on the board.
 */
#pragma once

#define BOARD_NAME "am625-sk"
#define BOARD_HOST_DTB "debian:ti/k3-am625-sk.dtb"
#define BOARD_GIC_VERSION 3
#define BOARD_GIC_DIST 0x01800000
#define BOARD_GIC_REDIST 0x01880000
#define BOARD_HAS_ITS 1
#define BOARD_GIC_ITS 0x01820000
#define BOARD_IPA_BITS 40
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_RAM_GPA 0x80000000
#define BOARD_RAM_BYTES 0x80000000
#define BOARD_LOG_GPA 0x9ca00000
#define BOARD_LOG_BYTES 0x100000
#define BOARD_CPUS 4
#define BOARD_CONSOLE "/dev/ttyS2"
#define BOARD_UNSAFE_DMA 1

/*        name  bus         host name             regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(i2c2, "platform", "20020000.i2c",       1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(i2c2,  0,    0x20020000, 0x100)

/*        device index SPI  trigger */
#define BOARD_SOC_LINES(X) \
	X(i2c2,  0,    163, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(i2c2,  0,    96000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(i2c2,  SOC_NO_IOMMU)
