/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of two bare-metal guests that share memory; TEST_PEER is its number, and
 * the host's cpu. The first memory has doorbells, the second is plain.
 */
#define CFG_PARTITIONS(X) \
	X(guest, TEST_PEER, 0, CPU_PMU)

#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "test")

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/*        partition  name    slot path                    size      peer       peers vectors */
#define CFG_SHMEM(X) \
	X(guest,     shmem0, 1,   HOST_FILE("/tmp/shm0"), 0x100000, TEST_PEER, 2,    2) \
	X(guest,     shmem1, 2,   HOST_FILE("/tmp/shm1"), 0x100000, TEST_PEER, 2,    0)

#include "configs/defaults.h"
