/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on QEMU's virt board with every virtio device, on virtio-mmio. */
#define CFG_NAME "qemu_virt_mmio"

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name   gpa         spi  transport    disk             access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 0x0a000000, 16,  VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  0x0a000200, 17,  VIRTIO_MMIO)

/*        partition  name   gpa         spi  transport    tap     mac             mtu   host */
#define CFG_VIRTIO_NET(X) \
	X(guest,     net0,  0x0a000400, 18,  VIRTIO_MMIO, "tap0", 0x020000000001, 1500, HOST_IPV4(192, 168, 7, 1, 24))

/*        partition  name    gpa         spi  transport    cid */
#define CFG_VIRTIO_VSOCK(X) \
	X(guest,     vsock0, 0x0a000600, 19,  VIRTIO_MMIO, 3)

/*        partition  name   gpa         spi  transport    terminal */
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest,     con0,  0x0a000800, 20,  VIRTIO_MMIO, BOARD_TTY(hvc0))

/* Shared memory is a PCI function. */
/*        partition  name  ecam        i/o         mem32       mem64         spi */
#define CFG_PCI(X) \
	X(guest,     pci0, 0x3f000000, 0x3efe0000, 0x10000000, 0x8000000000, 3)

/*        partition  name    slot path                       size      peer peers vectors */
#define CFG_SHMEM(X) \
	X(guest,     shmem0, 1,   HOST_FILE("/dev/shmem0"), 0x100000, 0,   2,    2)

#include "configs/defaults.h"
