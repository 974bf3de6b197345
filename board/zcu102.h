/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD ZCU102 (Zynq UltraScale+): four Cortex-A53, GIC-400, an SMMU that its
 * tree disables. IPA bits: PARange of the Cortex-A53. Rates: what AMD's
 * firmware sets up, which no emulator has.
 */
#pragma once

#define BOARD_NAME "zcu102"
#define BOARD_HOST_DTB "debian:xilinx/zynqmp-zcu102-rev1.1.dtb"
#define BOARD_GIC_VERSION 2
#define BOARD_GIC_DIST 0xf9010000
#define BOARD_GIC_CPU 0xf9020000
#define BOARD_HAS_ITS 0
#define BOARD_IPA_BITS 40
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
/* Two banks, from 0 and from 32 GiB on. */
#define BOARD_RAM_GPA 0x0
#define BOARD_RAM_BYTES 0x880000000
#define BOARD_PAYLOAD_GPA 0x60000000
#define BOARD_CPUS 4
#define BOARD_CONSOLE "/dev/ttyPS0"
#define BOARD_UNSAFE_DMA 1

/* An Ethernet MAC (Cadence GEM), of which each queue has a line of its own in
 * the tree, all of them the same interrupt. */
/*        name   bus         host name            regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(gem3,  "platform", "ff0e0000.ethernet", 1,      2,    SOC_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(gem3,  0,    0xff0e0000, 0x1000)

/*        device index SPI trigger */
#define BOARD_SOC_LINES(X) \
	X(gem3,  0,    63, SOC_LEVEL_HIGH) \
	X(gem3,  1,    63, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(gem3,  0,    100000000) /* pclk */ \
	X(gem3,  1,    125000000) /* hclk */ \
	X(gem3,  2,    125000000) /* tx_clk, for 1 Gbit/s */ \
	X(gem3,  3,    125000000) /* rx_clk */ \
	X(gem3,  4,    250000000) /* tsu_clk */

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(gem3,  SOC_NO_IOMMU)

/*
 * What stops interrupts and DMA: device, region, offset, bytes, value. In QEMU
 * interrupt status is cleared as it is read back, and only that lowers the line.
 */
#define BOARD_SOC_QUIESCE(X) \
	X(gem3,  0, 0x000, 4, 0)          /* network control */ \
	X(gem3,  0, 0x024, 4, 0xffffffff) /* interrupt status, queue 0 */ \
	X(gem3,  0, 0x400, 4, 0xffffffff) /* and queue 1 */ \
	X(gem3,  0, 0x02c, 4, 0xffffffff) /* interrupt disable, queue 0 */ \
	X(gem3,  0, 0x620, 4, 0xffffffff) /* and queue 1 */

/* How tools build and start the host (words of make, not of C). */
#define BOARD_KERNEL_FRAGMENT board/zcu102.config
#define BOARD_HOST_CMDLINE console=ttyPS0 quiet panic=5
#define BOARD_EMU_MACHINE xlnx-zcu102,virtualization=on
#define BOARD_EMU_CPU cortex-a53
#define BOARD_EMU_CPUS 4
#define BOARD_EMU_MEMORY 2G
/* A network for each of the four MACs: GEM3 has the last. */
#define BOARD_EMU_DEVICES -audio none \
	-nic user -nic user -nic user -nic user
