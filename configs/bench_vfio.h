/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The benchmark's guests with one PCI function of the host, CFG_FUNCTION. Their
 * payload comes from the build, the hugepages from its runner.
 */
/* DMA needs all of RAM to be there. */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x10000000, RAM_HUGE)

#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI_HOST(X) \
	X(guest,     pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11)

/*        partition  name      slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     function, 0,   CFG_FUNCTION)

#include "configs/defaults.h"
