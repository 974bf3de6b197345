/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of the bare-metal test guests with functions of the host, and a
 * disk of ours: an edu, two NVMes, one of them behind a port, a virtio disk;
 * or, with TEST_MULTI, the two functions of one device and a transitional
 * virtio disk. Their payload comes from the build.
 */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_HUGE)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "test")

#include "configs/qemu_virt_guest.h"

/*        partition  name    gpa         spi  transport    disk                 access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0,  0x0a000000, 16,  VIRTIO_MMIO, HOST_FILE("/disk/0"), BLK_RW, 64)

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI_HOST(X) \
	X(guest,     pci2, 0x3f200000, 0x3ef00000, 0x20000000, 0x9000000000, 11)

#ifdef TEST_MULTI
/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     edu0,  0,   multi0) \
	X(guest,     nvme0, 1,   multi1) \
	X(guest,     old0,  2,   old0)
#else
/*        partition  name   slot function */
#define CFG_VFIO_PCI(X) \
	X(guest,     edu0,  0,   edu0) \
	X(guest,     nvme0, 1,   nvme0) \
	X(guest,     disk1, 2,   vblk0) \
	X(guest,     nvme1, 3,   nvme2)
#endif

#include "configs/defaults.h"
