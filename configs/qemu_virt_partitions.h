/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two Linux guests, each on a core of its own: one on the console, which the
 * board's watchdog needs to answer; one on the terminal hvc0, which may fail
 * for good. They share a memory with doorbells, and an Ethernet. The RAM of each
 * is carved out of the board's: where it is, who reads this knows.
 */
#define CFG_NAME "qemu_virt_partitions"

/*        name    host cpu  fifo  cpu features */
#define CFG_PARTITIONS(X) \
	X(guest,  1,        10,   CPU_PMU | CPU_PTRAUTH | CPU_SVE) \
	X(second, 0,        0,    CPU_PMU | CPU_PTRAUTH | CPU_SVE)

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(second,    3,       100,    FAIL_STOP)

/*        partition  milliseconds to answer in */
#define CFG_CRITICAL(X) \
	X(guest,     2000)
#define CFG_WATCHDOG_SECONDS 10
/*
 * The host keeps off the first guest's core. Its hugepages are from 0x40000000
 * on, but for 24 MiB of kernel and initramfs: these reach behind the RAM below.
 */
#define CFG_HOST_CMDLINE isolcpus=1 nohz_full=1 hugepages=216

/*        partition  name  gpa         size        policy */
#define CFG_RAM(X) \
	X(guest,     ram,  0x4a000000, 0x08000000, RAM_CARVEOUT) \
	X(second,    ram,  0x52000000, 0x08000000, RAM_CARVEOUT)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "guest-kernel", "guest-initrd", \
	  "console=ttyAMA0 quiet") \
	X(second, PAYLOAD_IMAGE, "guest-kernel", "guest-initrd", \
	  "console=ttyAMA0 quiet")

/*        partition  name   gpa         spi terminal */
#define CFG_PL011(X) \
	X(guest,     uart0, 0x09000000, 1,  CONSOLE) \
	X(second,    uart0, 0x09000000, 1,  BOARD_TTY(hvc0))

#define CFG_PL031(X) \
	X(guest,     rtc0,  0x09010000, 2) \
	X(second,    rtc0,  0x09010000, 2)

#define BOARD_EMU_CARDS -device i6300esb
#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3) \
	X(second,    pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/*        name  bytes     vectors */
#define CFG_MEMORY(X) \
	X(mem0, 0x100000, 2)

/*        partition  name    slot memory peer */
#define CFG_SHARED(X) \
	X(guest,     shmem0, 1,   mem0,  0) \
	X(second,    shmem0, 1,   mem0,  1)

/*        partition  name   slot spi  transport   tap     mac             mtu   host */
#define CFG_VIRTIO_NET(X) \
	X(guest,     net0,  1,   0,   VIRTIO_PCI, "tap0", 0x020000000001, 1500, HOST_NO_ADDRESS) \
	X(second,    net0,  1,   0,   VIRTIO_PCI, "tap1", 0x020000000002, 1500, HOST_NO_ADDRESS)

/*        partition  net   bridge */
#define CFG_BRIDGE(X) \
	X(guest,     net0, "br0") \
	X(second,    net0, "br0")

/*        partition  name     gpa */
#define CFG_STATUS(X) \
	X(guest,     status0, 0x0b000000) \
	X(second,    status0, 0x0b000000)

#include "configs/defaults.h"
