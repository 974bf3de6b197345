/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the qemu_virt_vfio_platform configs have in common. The guest finds the
 * board's devices where the board has them, with the same SPIs; only the disk's
 * transport moves, to a page without emulated ones.
 */
#define CFG_HOST_CMDLINE \
	vfio.enable_unsafe_noiommu_mode=1 vfio_platform.reset_required=0 \
	hugepages=160

/* The disk does DMA without an IOMMU. */
#define CFG_RAM(X) \
	X(guest,     ram,  BOARD_RAM_GPA, 0x8000000, RAM_IDENTITY)

/* The real one is in its place. */
#define CFG_PL031(X)

#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     rtc,   DT_HOST) \
	X(guest,     gpio,  DT_HOST) \
	X(guest,     uart1, DT_HOST) \
	X(guest,     vmmio, DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     rtc,   0,    0x09010000) \
	X(guest,     gpio,  0,    0x09030000) \
	X(guest,     uart1, 0,    0x09040000) \
	X(guest,     vmmio, 0,    0x0a010000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     rtc,   0,    2) \
	X(guest,     gpio,  0,    7) \
	X(guest,     uart1, 0,    8) \
	X(guest,     vmmio, 0,    40)

/* What only the guest knows of its GPIO lines. */
#define CFG_DT_FRAGMENT(X) \
	X(guest,     "configs/qemu_virt_gpio.dtsi")

#include "configs/defaults.h"
