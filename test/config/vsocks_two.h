/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VIRTIO_VSOCK: too many rows */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_VSOCK
#define CFG_VIRTIO_VSOCK(X) \
	X(guest, vsock0, 4, 0, VIRTIO_PCI, 3) \
	X(guest, vsock1, 5, 0, VIRTIO_PCI, 4)
