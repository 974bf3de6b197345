/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of the bare-metal test guests with devices of the board itself:
 * all that do no DMA, or those the config lists. Their payload comes from the
 * build.
 */
#ifndef CFG_RAM
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY)
#endif

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "test")

/* The real one is in its place. */
#define CFG_PL031(X)

#include "configs/qemu_virt_guest.h"

#ifndef CFG_VFIO_PLATFORM
/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     rtc,   DT_HOST) \
	X(guest,     gpio,  DT_HOST) \
	X(guest,     uart1, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     rtc,   0,    0x09010000) \
	X(guest,     gpio,  0,    0x09030000) \
	X(guest,     uart1, 0,    0x09040000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     rtc,   0,    2) \
	X(guest,     gpio,  0,    7) \
	X(guest,     uart1, 0,    8)
#endif

#include "configs/defaults.h"
