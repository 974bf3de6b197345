/* SPDX-License-Identifier: Apache-2.0 */
/* They share a memory with doorbells; the second may be killed. */
#define CFG_NAME "test_partitions_bells"

/*        partition  restarts backoff failure action */
#define CFG_POLICY(X) \
	X(guest,     100,     0,      FAIL_STOP) \
	X(second,    100,     0,      FAIL_STOP)

/*        partition  name   gpa         spi terminal */
#define CFG_PL011(X) \
	X(guest,     uart0, 0x09000000, 1,  CONSOLE) \
	X(second,    uart0, 0x09000000, 1,  BOARD_TTY(hvc0))

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

#include "configs/test_partitions.h"
