/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raspberry Pi 4 Model B: four Cortex-A72, GIC-400, no IOMMU. Run in QEMU
 * only. The console is the mini UART; uart0, a PL011, leads to the Bluetooth
 * chip, in QEMU to a socket. Its registers share a page with those of four
 * more, and its SPI too, but the tree enables none of these. IPA bits: PARange
 * of the Cortex-A72. Rates: as the firmware sets them.
 */
#pragma once

#define BOARD_NAME "raspi4b"
#define BOARD_HOST_DTB "debian:broadcom/bcm2711-rpi-4-b.dtb"
#define BOARD_GIC_VERSION 2
#define BOARD_GIC_DIST 0xff841000
#define BOARD_GIC_CPU 0xff842000
#define BOARD_HAS_ITS 0
#define BOARD_IPA_BITS 44
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_PAYLOAD_GPA 0x30000000
#define BOARD_CPUS 4
#define BOARD_CONSOLE "/dev/ttyS1"
#define BOARD_UNSAFE_DMA 1

/*        name   bus     host name          regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(serial0, "amba", "fe201000.serial", 1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(serial0, 0,    0xfe201000, 0x200)

/*        device index SPI  trigger */
#define BOARD_SOC_LINES(X) \
	X(serial0, 0,    121, SOC_LEVEL_HIGH)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(serial0, 0,    48000000) \
	X(serial0, 1,    500000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(serial0, SOC_NO_IOMMU)

/* What stops interrupts: device, region, offset, bytes, value. */
#define BOARD_SOC_QUIESCE(X) \
	X(serial0, 0, 0x038, 2, 0)    /* UARTIMSC */ \
	X(serial0, 0, 0x044, 2, 0x7ff) /* UARTICR */

#define BOARD_KERNEL_FRAGMENT board/raspi4b.config
#define BOARD_HOST_CMDLINE console=ttyS1,230400 quiet panic=5
#define BOARD_EMU_MACHINE raspi4b
#define BOARD_EMU_CPU cortex-a72
#define BOARD_EMU_CPUS 4
#define BOARD_EMU_MEMORY 2G
/* QEMU's first UART is uart0, its second the mini UART. */
#define BOARD_EMU_DEVICES \
	-chardev socket,id=uart0,path=OUT/uart0.sock,server=on,wait=off \
	-serial chardev:uart0 -serial mon:stdio
