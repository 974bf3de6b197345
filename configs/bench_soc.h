/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The benchmark's guests with devices of the board itself, which have no IOMMU:
 * an RTC, whose line is BENCH_TRIGGER, and a virtio-mmio transport, whose queues
 * nobody starts. The payload comes from the build, the hugepages from its
 * runner.
 */
#define BOARD_UNSAFE_DMA 1

/*        name   bus         host name              regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(rtc,   "amba",     "9010000.pl031",       1,      1,    SOC_NO_DMA) \
	X(vmmio, "platform", "a000000.virtio_mmio", 1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(rtc,   0,    0x09010000, 0x1000) \
	X(vmmio, 0,    0x0a000000, 0x200)

/*        device index SPI trigger */
#define BOARD_SOC_LINES(X) \
	X(rtc,   0,    2,  BENCH_TRIGGER) \
	X(vmmio, 0,    16, SOC_EDGE_RISING)

/*        device index hertz */
#define BOARD_SOC_CLOCKS(X) X(rtc, 0, 24000000)

/* What stops interrupts and DMA: device, region, offset, bytes, value. */
#define BOARD_SOC_QUIESCE(X) \
	X(rtc,   0, 0x010, 4, 0) /* RTCIMSC */ \
	X(rtc,   0, 0x01c, 4, 1) /* RTCICR */ \
	X(vmmio, 0, 0x070, 4, 0) /* Status: reset */

#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x10000000, RAM_HUGE)

/* The real one is in its place. */
#define CFG_PL031(X)

#include "configs/qemu_virt_guest.h"

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     rtc,   DT_HOST) \
	X(guest,     vmmio, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     rtc,   0,    0x09010000) \
	X(guest,     vmmio, 0,    0x0a000000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     rtc,   0,    2) \
	X(guest,     vmmio, 0,    16)

#include "configs/defaults.h"
