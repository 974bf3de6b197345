/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux guest that the qemu_virt configs boot: QEMU's "virt" guest memory
 * map, so that guests built for it run unchanged.
 *
 *   0x0800_0000  GIC distributor            (64 KiB)
 *   0x0801_0000  GICv2 CPU interface        (8 KiB)
 *   0x0808_0000  GICv3 ITS                  (128 KiB)
 *   0x080a_0000  GICv3 redistributor        (128 KiB a CPU)
 *   0x0900_0000  PL011                      SPI 1
 *   0x0901_0000  PL031                      SPI 2
 *   0x0a00_0000  virtio-mmio, 512 B each    SPI 16 and up
 *   0x4000_0000  RAM
 */
#define CFG_GIC_VERSION BOARD_GIC_VERSION
#define CFG_GIC_DIST 0x08000000
#define CFG_GIC_CPU 0x08010000
#define CFG_GIC_ITS 0x08080000
#define CFG_GIC_REDIST 0x080a0000
#define CFG_GIC_SPIS 96

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
/* The words "guest-kernel" and "guest-initrd" name what the build makes. */
#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "guest-kernel", "guest-initrd", \
	  "console=ttyAMA0 quiet")
#endif

/*        partition  name   gpa         spi */
#define CFG_PL011(X) \
	X(guest,     uart0, 0x09000000, 1)

#define CFG_PL031(X) \
	X(guest,     rtc0,  0x09010000, 2)
