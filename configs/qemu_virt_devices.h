/* SPDX-License-Identifier: Apache-2.0 */
/* The virtio devices of the qemu_virt configs. */

/*        partition  name   gpa         spi  transport    disk             access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 0x0a000000, 16,  VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  0x0a000200, 17,  VIRTIO_MMIO)
