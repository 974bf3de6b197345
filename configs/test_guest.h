/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine of the bare-metal test guests (test/guest): a small RAM, every
 * device, every kind of virtio transport. Their payload comes from the build.
 */
#define CFG_RAM(X) \
	X(guest,     ram,  0x40000000, 0x02000000, RAM_LAZY)

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "test")

#include "configs/qemu_virt_guest.h"

/*        partition  name    gpa         spi  transport           disk                 access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0,  0x0a000000, 16,  VIRTIO_MMIO,        HOST_FILE("/disk/0"), BLK_RW, 64) \
	X(guest,     ro0,    0x0a000400, 18,  VIRTIO_MMIO,        HOST_FILE("/disk/1"), BLK_RO, 32) \
	X(guest,     old0,   0x0a000600, 19,  VIRTIO_MMIO_LEGACY, HOST_FILE("/disk/2"), BLK_RW, 32) \
	X(guest,     spare0, 0x0a000800, 20,  VIRTIO_MMIO,        HOST_FILE("/disk/3"), BLK_RW, 32)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,   0x0a000200, 17,  VIRTIO_MMIO)

#include "configs/defaults.h"
