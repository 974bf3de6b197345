/* SPDX-License-Identifier: Apache-2.0 */
/* The devices that need most of the host: a disk, a tap, vhost, neighbours. */
#ifndef CFG_NAME
#define CFG_NAME "test_host"
#include "board/qemu_virt_gicv3.h"
#endif
#include "configs/qemu_virt_guest.h"

/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/*        partition  name   slot spi transport    disk                 access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 1,   0,  VIRTIO_PCI, HOST_FILE("/disk/0"), BLK_RW, 128)

/*        partition  name  slot spi transport   tap     mac             mtu   host */
#define CFG_VIRTIO_NET(X) \
	X(guest,     net0, 3,   0,  VIRTIO_PCI, "tap0", 0x020000000001, 1500, HOST_IPV4(192, 168, 7, 1, 24))

/*        partition  name    slot spi transport   cid */
#define CFG_VIRTIO_VSOCK(X) \
	X(guest,     vsock0, 4,   0,  VIRTIO_PCI, 3)

/*        partition  name    slot path                    size      peer peers vectors */
#define CFG_SHMEM(X) \
	X(guest,     shmem0, 1,   HOST_FILE("/tmp/shm0"), 0x100000, 0,   2,    2)

#include "configs/defaults.h"
