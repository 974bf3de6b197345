/* SPDX-License-Identifier: Apache-2.0 */
/* As test_host.h, what is of use on virtio-mmio, and needs nothing else. */
#define CFG_NAME "test_host_mmio"

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"

/*        partition  name    gpa         spi  transport    cid */
#define CFG_VIRTIO_VSOCK(X) \
	X(guest,     vsock0, 0x0a000000, 16,  VIRTIO_MMIO, 3)

#include "configs/defaults.h"
