/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renesas RZ/G2M on HopeRun's HiHope kit with sub board: two Cortex-A57 and
 * four A53, GICv2. Described, not run. Linux 6.12 does not use the IPMMU of this
 * SoC (soc_denylist of its driver): its streams are facts for a kernel that
 * does. IPA bits: PARange of the A53. Rates: as Linux's clock driver makes them
 * of the oscillator, by 192 in PLL1.
 */
#pragma once

#define BOARD_NAME "rzg2m-hihope"
#define BOARD_HOST_DTB "debian:renesas/r8a774a1-hihope-rzg2m-ex.dtb"
#define BOARD_GIC_VERSION 2
#define BOARD_GIC_DIST 0xf1010000
#define BOARD_GIC_CPU 0xf1020000
#define BOARD_HAS_ITS 0
#define BOARD_IPA_BITS 40
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_RAM_GPA 0x48000000
#define BOARD_RAM_BYTES 0x638000000
#define BOARD_CPUS 6
#define BOARD_CONSOLE "/dev/ttySC0"
#define BOARD_UNSAFE_DMA 1

/*        name  bus         host name             regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(can0, "platform", "e6c30000.can",       1,      1,    SOC_NO_DMA) \
	X(avb,  "platform", "e6800000.ethernet",  1,      25,   SOC_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(can0,  0,    0xe6c30000, 0x1000) \
	X(avb,   0,    0xe6800000, 0x800)

/* Ethernet: of its 25, those that Linux's driver asks for. */
/*        device index SPI  trigger */
#define BOARD_SOC_LINES(X) \
	X(can0,  0,    186, SOC_LEVEL_HIGH) \
	X(avb,   0,    39,  SOC_LEVEL_HIGH) \
	X(avb,   1,    40,  SOC_LEVEL_HIGH) \
	X(avb,   18,   57,  SOC_LEVEL_HIGH) \
	X(avb,   19,   58,  SOC_LEVEL_HIGH) \
	X(avb,   22,   61,  SOC_LEVEL_HIGH) \
	X(avb,   24,   63,  SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(can0,  0,    66666664) \
	X(can0,  1,    40000000) \
	X(can0,  2,    0) /* a socket without an oscillator */ \
	X(avb,   0,    133333328)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(can0,  SOC_NO_IOMMU) \
	X(avb,   16)
