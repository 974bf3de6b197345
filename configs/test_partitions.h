/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two bare-metal guests, one on the console, in real time on a core of its
 * own; the other without a terminal. What is between them, and what happens
 * when they fail, says who includes this.
 */
/*        name    host cpu  fifo  cpu features */
#define CFG_PARTITIONS(X) \
	X(guest,  1,        10,   CPU_PMU) \
	X(second, 0,        0,    CPU_PMU)

/*        partition  name  gpa         size        policy */
#ifndef CFG_RAM
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY) \
	X(second,    ram,  0x40000000, 0x02000000, RAM_LAZY)
#endif

#define CFG_PAYLOAD(X) \
	X(guest,  PAYLOAD_IMAGE, "none", "none", "test") \
	X(second, PAYLOAD_IMAGE, "none", "none", "test")

/*        partition  name   gpa         spi terminal */
#ifndef CFG_PL011
#define CFG_PL011(X) \
	X(guest,     uart0, 0x09000000, 1,  CONSOLE) \
	X(second,    uart0, 0x09000000, 1,  NO_TERMINAL)
#endif

#define CFG_PL031(X)

/*        partition  name     gpa */
#define CFG_STATUS(X) \
	X(guest,     status0, 0x0b000000) \
	X(second,    status0, 0x0b000000)

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"
#include "configs/defaults.h"
