/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of the hosted unit tests: small RAM, two banks that touch, two
 * UARTs, disks of every kind, a console.
 */
#define CFG_NAME "unit"

#include "board/qemu_virt_gicv3.h"

#ifndef CFG_RAM
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x00200000, RAM_LAZY) \
	X(guest,     ram2, 0x40200000, 0x00010000, RAM_LAZY)
#endif

#ifndef CFG_PARTITIONS
#define CFG_PARTITIONS(X) \
	X(guest, 1,        5,    CPU_PMU | CPU_PTRAUTH | CPU_SVE)
#endif

#ifndef CFG_PAYLOAD
#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_FLAT, "none", "none", "unit")
#endif

#ifndef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 0x0a000000, 16,  VIRTIO_MMIO,        HOST_FILE("/disk0"), BLK_RW, 128) \
	X(guest,     ro0,   0x0a000400, 18,  VIRTIO_MMIO,        HOST_FILE("/ro0"),   BLK_RO, 32) \
	X(guest,     old0,  0x0a000600, 19,  VIRTIO_MMIO_LEGACY, HOST_FILE("/old0"),  BLK_RW, 16)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  0x0a000200, 17,  VIRTIO_MMIO)

#define CFG_VIRTIO_CONSOLE(X) \
	X(guest,     con0,  0x0a000800, 20,  VIRTIO_MMIO, BOARD_TTY(hvc0))
#endif

#include "configs/qemu_virt_guest.h"

#ifdef CFG_PCI /* has SPI 3 */
#define UART1_SPI 15
#else
#define UART1_SPI 3
#endif
#ifndef UNIT_MORE_PL011
#define UNIT_MORE_PL011(X)
#endif
#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest,     uart0, 0x09000000, 1, CONSOLE) \
	X(guest,     uart1, 0x09002000, UART1_SPI, NO_TERMINAL) \
	UNIT_MORE_PL011(X)

#include "configs/defaults.h"
