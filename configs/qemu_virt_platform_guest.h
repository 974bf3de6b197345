/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the qemu_virt_vfio_platform configs have in common. The guest finds the
 * board's devices where the board has them, with the same SPIs.
 */
#define CFG_HOST_CMDLINE \
	vfio.enable_unsafe_noiommu_mode=1 vfio_platform.reset_required=0

/* The real one is in its place. */
#define CFG_PL031(X)

#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"

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

#include "configs/defaults.h"
