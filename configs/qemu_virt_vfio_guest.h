/* SPDX-License-Identifier: Apache-2.0 */
/* What the qemu_virt_vfio_pci configs have in common. */
#ifndef CFG_HOST_CMDLINE
#define CFG_HOST_CMDLINE hugepages=128
#endif
#ifndef CFG_NVME
#define CFG_NVME nvme0
#endif

/* DMA needs all of RAM to be there. */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x10000000, RAM_HUGE)

#include "configs/qemu_virt_guest.h"
#include "configs/qemu_virt_devices.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI_HOST(X) \
	X(guest,     pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11)

/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     nvme0, 0,   CFG_NVME) \
	X(guest,     nic0,  1,   nic0) \
	X(guest,     disk1, 2,   vblk0) \
	X(guest,     nic1,  3,   vnet0)

#include "configs/defaults.h"
