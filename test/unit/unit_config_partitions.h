/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of unit_config_net.h beside a second partition: a watchdog, a
 * memory and an Ethernet that they share, status pages.
 */
#define CFG_PARTITIONS(X) \
	X(guest,  1,       5,    CPU_PMU | CPU_PTRAUTH | CPU_SVE) \
	X(second, 0,       0,    CPU_PMU)

#define CFG_POLICY(X) \
	X(second,    1,    100, FAIL_STOP)
#define CFG_CRITICAL(X) \
	X(guest,     2000)
#define CFG_WATCHDOG_SECONDS 10

#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x00200000, RAM_LAZY) \
	X(guest,     ram2, 0x40200000, 0x00010000, RAM_LAZY) \
	X(second,    ram,  0x40000000, 0x00200000, RAM_LAZY)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_FLAT, "none", "none", "unit") \
	X(second, PAYLOAD_FLAT, "none", "none", "unit")

#define UNIT_MORE_PL011(X) \
	X(second,    uart0, 0x09000000, 1, NO_TERMINAL)

#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3) \
	X(second,    pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

#define CFG_VIRTIO_NET(X) \
	X(guest,     net0, 7, 0, VIRTIO_PCI, "tap0", 0x020000000001, 1400, HOST_IPV4(192, 168, 7, 1, 24)) \
	X(second,    net0, 7, 0, VIRTIO_PCI, "tap1", 0x020000000002, 1400, HOST_NO_ADDRESS)

#define CFG_BRIDGE(X) \
	X(guest,     net0, "br0") \
	X(second,    net0, "br0")

#define CFG_MEMORY(X) \
	X(mem0, 0x10000, 2) \
	X(mem1, 0x20000, 0)

#define CFG_SHARED(X) \
	X(guest,     shared0, 2, mem0, 1) \
	X(second,    shared0, 2, mem0, 0) \
	X(second,    shared1, 3, mem1, 0) \
	X(guest,     shared1, 3, mem1, 1)

#define CFG_STATUS(X) \
	X(guest,     status0, 0x0b000000) \
	X(second,    status0, 0x0b000000)

#include "test/unit/unit_config_pci.h"
