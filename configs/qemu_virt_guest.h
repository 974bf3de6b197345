/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux guest that the qemu_virt configs boot: QEMU's "virt" guest memory
 * map, so that guests built for it run unchanged.
 *
 *   0x0000_0000  firmware's ROM, where the config has firmware (128 MiB)
 *   0x0800_0000  GIC distributor            (64 KiB)
 *   0x0801_0000  GICv2 CPU interface        (8 KiB)
 *   0x0802_0000  GICv2m frame (GICv2 only)  (4 KiB), SPI 48 to 95
 *   0x0808_0000  GICv3 ITS                  (128 KiB)
 *   0x080a_0000  GICv3 redistributor        (128 KiB a CPU)
 *   0x0900_0000  PL011                      SPI 1
 *   0x0901_0000  PL031                      SPI 2
 *   0x0a00_0000  virtio-mmio, 512 B each    SPI 16 and up
 *   0x1000_0000  PCI memory, 2 MiB a bus
 *   0x2000_0000  the host's PCI functions: memory, 256 MiB
 *   0x3ef0_0000  their I/O, 64 KiB          SPI 11 to 14
 *   0x3efe_0000  PCI I/O, 64 KiB a bus      SPI 3 and up, 4 a bus
 *   0x3f00_0000  PCI ECAM, 1 MiB a bus
 *   0x3f20_0000  the host's PCI functions: ECAM, 1 MiB
 *   0x4000_0000  RAM
 *   0x80_0000_0000  PCI 64-bit prefetchable memory, 32 GiB a bus
 *   0x90_0000_0000  the host's PCI functions: 64-bit memory, 32 GiB
 */
#define CFG_GIC_VERSION BOARD_GIC_VERSION
#define CFG_GIC_DIST 0x08000000
#define CFG_GIC_CPU 0x08010000
#define CFG_GIC_ITS 0x08080000
#define CFG_GIC_REDIST 0x080a0000
#define CFG_GIC_SPIS 96
#if BOARD_GIC_VERSION == 2
#define CFG_GICV2M 0x08020000
#define CFG_GICV2M_SPI 48
#define CFG_GICV2M_SPIS 48
#endif

#ifndef CFG_PARTITIONS
/*        name   host cpu  fifo  cpu features */
#define CFG_PARTITIONS(X) \
	X(guest, 1,        0,    CPU_PMU | CPU_PTRAUTH | CPU_SVE)
#endif

#ifndef CFG_RAM
/*        partition  name  gpa         size        policy */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x10000000, RAM_LAZY)
#endif

#ifndef CFG_PAYLOAD
/*
 * The words "guest-kernel" and "guest-initrd" name what the build makes;
 * "u-boot" is Debian's U-Boot for this board.
 */
#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "guest-kernel", "guest-initrd", \
	  "console=ttyAMA0 quiet")
#endif

#ifndef CFG_PL011
/*        partition  name   gpa         spi terminal */
#define CFG_PL011(X) \
	X(guest,     uart0, 0x09000000, 1,  CONSOLE)
#endif

#ifndef CFG_PL031
#define CFG_PL031(X) \
	X(guest,     rtc0,  0x09010000, 2)
#endif
