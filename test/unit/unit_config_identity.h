/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of unit_config.h with RAM where the host has it, and devices of
 * the host's SoC: two that do DMA, of which the board can make one quiet, and
 * one that does none.
 */
#define BOARD_UNSAFE_DMA 1

/*        name   bus         host name             regions lines DMA */
#define BOARD_SOC_DEVICES(X) \
	X(nic,   "platform", "c0000000.ethernet",  2,      2,    SOC_DMA) \
	X(loose, "platform", "d0000000.dma",       1,      0,    SOC_DMA) \
	X(still, "amba",     "9030000.pl061",      1,      1,    SOC_NO_DMA)

/*        device index address     bytes */
#define BOARD_SOC_REGIONS(X) \
	X(nic,   0,    0xc0000000, 0x1000) \
	X(nic,   1,    0xc0002000, 0x800) \
	X(loose, 0,    0xd0000000, 0x1000) \
	X(still, 0,    0x09030000, 0x1000)

/*        device index SPI trigger */
#define BOARD_SOC_LINES(X) \
	X(nic,   0,    40, SOC_LEVEL_HIGH) \
	X(nic,   1,    41, SOC_EDGE_RISING) \
	X(still, 0,    7,  SOC_LEVEL_HIGH)

#define BOARD_SOC_QUIESCE(X) \
	X(nic,   1, 0x010, 4, 0) \
	X(still, 0, 0x410, 1, 0)

#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x00800000, RAM_IDENTITY)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "unit")

/* The unit's own clock is the host's. */
#define CFG_PL031(X)

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     nic,   DT_HOST) \
	X(guest,     loose, DT_HOST) \
	X(guest,     still, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     nic,   0,    0x0c000000) \
	X(guest,     nic,   1,    0x0c002000) \
	X(guest,     loose, 0,    0x0c004000) \
	X(guest,     still, 0,    0x09030000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     nic,   0,    0) \
	X(guest,     nic,   1,    22) \
	X(guest,     still, 0,    7)

#include "test/unit/unit_config.h"
