/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of QEMU's "virt" board itself, for configs that give them to a
 * guest: such a config includes this before the board's header. They have no
 * IOMMU: only the transport does DMA, and only with identity RAM. The host's
 * drivers of UART and GPIO would not let go of the device, or of its interrupt:
 * the host's device tree makes them platform devices, which have no driver.
 */
#pragma once

#define BOARD_UNSAFE_DMA 1
#ifndef BOARD_SOC_BUS
#define BOARD_SOC_BUS "amba"
#endif

/*        name   bus            host name                regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(rtc,   BOARD_SOC_BUS, "9010000.pl031",         1,      1,    SOC_NO_DMA) \
	X(gpio,  "platform",    "9030000.pl061",         1,      1,    SOC_NO_DMA) \
	X(uart1, "platform",    "9040000.pl011",         1,      1,    SOC_NO_DMA) \
	X(vmmio, "platform",    "a000000.virtio_mmio",   1,      1,    SOC_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(rtc,   0,    0x09010000, 0x1000) \
	X(gpio,  0,    0x09030000, 0x1000) \
	X(uart1, 0,    0x09040000, 0x1000) \
	X(vmmio, 0,    0x0a000000, 0x200)

/*        device index SPI trigger */
#define BOARD_SOC_LINES(X) \
	X(rtc,   0,    2,  SOC_LEVEL_HIGH) \
	X(gpio,  0,    7,  SOC_LEVEL_HIGH) \
	X(uart1, 0,    8,  SOC_LEVEL_HIGH) \
	X(vmmio, 0,    16, SOC_EDGE_RISING)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) \
	X(rtc,   0,    24000000) \
	X(gpio,  0,    24000000) \
	X(uart1, 0,    24000000) \
	X(uart1, 1,    24000000)

/*        device stream id */
#define BOARD_SOC_STREAMS(X) \
	X(rtc,   SOC_NO_IOMMU) \
	X(gpio,  SOC_NO_IOMMU) \
	X(uart1, SOC_NO_IOMMU) \
	X(vmmio, SOC_NO_IOMMU)

/* What stops interrupts and DMA: device, region, offset, bytes, value. */
#define BOARD_SOC_QUIESCE(X) \
	X(rtc,   0, 0x010, 4, 0)    /* RTCIMSC */ \
	X(rtc,   0, 0x01c, 4, 1)    /* RTCICR */ \
	X(gpio,  0, 0x410, 1, 0)    /* GPIOIE */ \
	X(gpio,  0, 0x41c, 1, 0xff) /* GPIOIC */ \
	X(uart1, 0, 0x038, 2, 0)    /* UARTIMSC */ \
	X(uart1, 0, 0x044, 2, 0x7ff) /* UARTICR */ \
	X(vmmio, 0, 0x070, 4, 0)    /* Status: reset */

/* The host finds the transport's disk first, and calls that vda. */
#define BOARD_DISKS(X) X(vda, "/dev/vdb")

/* The second UART is there because of the second -serial. */
#define BOARD_EMU_SOC \
	-serial mon:stdio -chardev socket,id=uart1,path=OUT/uart1.sock,server=on,wait=off \
	-serial chardev:uart1 \
	-drive file=OUT/vmmio.img,format=raw,if=none,id=vmmio \
	-device virtio-blk-device,drive=vmmio,bus=virtio-mmio-bus.0
