/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux with the board's Ethernet MAC. The MAC does DMA without an IOMMU: guest
 * RAM is where the host has it, below 34 GiB; QEMU's "virt" machine is above.
 * No rng: the emulated host has no entropy that it could give away.
 *
 *   0x10_0800_0000  GIC distributor         (64 KiB)
 *   0x10_0801_0000  GICv2 CPU interface     (8 KiB)
 *   0x10_0900_0000  PL011                   SPI 1
 *   0x10_0901_0000  PL031                   SPI 2
 *   0x10_0b00_0000  the board's GEM3        SPI 40
 */
#define CFG_NAME "zcu102"
#include "board/zcu102.h"

#define CFG_HOST_CMDLINE \
	vfio.enable_unsafe_noiommu_mode=1 vfio_platform.reset_required=0 \
	hugepages=160

/* What QEMU lacks. */
#define CFG_HOST_DT(X) X("board/zcu102_emu.dtsi")

#define CFG_GIC_VERSION BOARD_GIC_VERSION
#define CFG_GIC_DIST 0x1008000000
#define CFG_GIC_CPU 0x1008010000
#define CFG_GIC_ITS 0x1008080000
#define CFG_GIC_REDIST 0x10080a0000
#define CFG_GIC_SPIS 96

/*        name   host cpu  fifo  cpu features */
#define CFG_PARTITIONS(X) \
	X(guest, 1,        0,    CPU_PMU)

/*        partition  name  gpa            size       policy */
#define CFG_RAM(X) \
	X(guest,     ram,  BOARD_RAM_GPA, 0x8000000, RAM_IDENTITY)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "guest-kernel", "guest-initrd", \
	  "console=ttyAMA0 quiet")

/*        partition  name   gpa           spi terminal */
#define CFG_PL011(X) \
	X(guest,     uart0, 0x1009000000, 1,  CONSOLE)

#define CFG_PL031(X) \
	X(guest,     rtc0,  0x1009010000, 2)

/*        partition  device node */
#define CFG_VFIO_PLATFORM(X) \
	X(guest,     gem3,  DT_HOST)

/*        partition  device index gpa */
#define CFG_VFIO_REGION(X) \
	X(guest,     gem3,  0,    0x100b000000)

/*        partition  device index spi */
#define CFG_VFIO_LINE(X) \
	X(guest,     gem3,  0,    40)

/* What is on its MDIO bus. */
#define CFG_DT_FRAGMENT(X) \
	X(guest,     "configs/zcu102_emu.dtsi")

#include "configs/defaults.h"
