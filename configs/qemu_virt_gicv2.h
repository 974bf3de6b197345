/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on a GICv2 host. */
#define CFG_NAME "qemu_virt_gicv2"

#include "board/qemu_virt_gicv2.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name   gpa         spi  transport    disk             access  queue */
#define CFG_VIRTIO_BLK(X) \
	X(guest,     disk0, 0x0a000000, 16,  VIRTIO_MMIO, BOARD_DISK(vda), BLK_RW, 128)

#define CFG_VIRTIO_RNG(X) \
	X(guest,     rng0,  0x0a000200, 17,  VIRTIO_MMIO)

#include "configs/defaults.h"
