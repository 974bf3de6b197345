/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of unit_config.h with devices of the host's SoC: registers that
 * are pages, parts of pages, or not given; lines of both kinds, or not given.
 */
#ifndef BOARD_UNSAFE_DMA
#define BOARD_UNSAFE_DMA 1
#endif

/*        name   bus         host name               regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(spare, "platform", "9040000.pl011",        1,      1,    SOC_NO_DMA) \
	X(rtc,   "amba",     "9010000.pl031",        1,      1,    SOC_NO_DMA) \
	X(eth,   "platform", "c0000000.ethernet",    3,      3,    SOC_DMA) \
	X(timer, "platform", "a000000.virtio_mmio",  1,      1,    SOC_NO_DMA) \
	X(bare,  "platform", "d0000000.nothing",     1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(spare, 0,    0x09040000, 0x1000) \
	X(rtc,   0,    0x09010000, 0x1000) \
	X(eth,   0,    0xc0000000, 0x2000) \
	X(eth,   1,    0xc0002000, 0x800) \
	X(eth,   2,    0xc0003000, 0x1000) \
	X(timer, 0,    0x0a000000, 0x200) \
	X(bare,  0,    0xd0000000, 0x1000)

/*        device index SPI trigger */
#define BOARD_SOC_LINES(X) \
	X(spare, 0,    8,  SOC_LEVEL_HIGH) \
	X(rtc,   0,    2,  SOC_LEVEL_HIGH) \
	X(eth,   0,    40, SOC_LEVEL_HIGH) \
	X(eth,   1,    41, SOC_EDGE_RISING) \
	X(eth,   2,    42, SOC_EDGE_RISING) \
	X(timer, 0,    16, SOC_EDGE_RISING) \
	X(bare,  0,    50, SOC_LEVEL_HIGH)

/* One of each width, one in registers that the guest does not have. */
#define BOARD_SOC_QUIESCE(X) \
	X(spare, 0, 0x038, 2, 0) \
	X(rtc,   0, 0x010, 4, 0) \
	X(rtc,   0, 0x01c, 4, 1) \
	X(eth,   1, 0x011, 1, 0xa1) \
	X(eth,   1, 0x012, 2, 0xa1a2) \
	X(eth,   1, 0x014, 4, 0xa1a2a3a4) \
	X(eth,   1, 0x018, 8, 0xa1a2a3a4a5a6a7a8) \
	X(eth,   2, 0xffc, 4, 0x5)

/* DMA needs all of RAM to be there. */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x00200000, RAM_HUGE) \
	X(guest,     ram2, 0x40200000, 0x00200000, RAM_HUGE)

/* The unit's own clock is the host's. */
#define CFG_PL031(X)

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     rtc,   DT_HOST) \
	X(guest,     eth,   DT_HOST) \
	X(guest,     timer, DT_HOST) \
	X(guest,     bare,  DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     rtc,   0,    0x09010000) \
	X(guest,     eth,   0,    0x0c000000) \
	X(guest,     eth,   1,    0x0c004108) \
	X(guest,     timer, 0,    0x0c006000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     rtc,   0,    2) \
	X(guest,     eth,   0,    0) \
	X(guest,     eth,   1,    22) \
	X(guest,     timer, 0,    23)

#include "test/unit/unit_config.h"
