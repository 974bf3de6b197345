/* SPDX-License-Identifier: Apache-2.0 */
/* A small guest with functions of the host: CFG_VFIO_PCI says which. */
#ifndef CFG_RAM
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x06000000, RAM_HUGE)
#endif

#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI_HOST(X) \
	X(guest,     pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11)

#ifndef CFG_VFIO_PCI
/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     nvme0, 0,   nvme1) \
	X(guest,     nic0,  1,   nic0)
#endif

#include "configs/defaults.h"
