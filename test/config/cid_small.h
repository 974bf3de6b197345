/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/vsock0: cid is not in 3\.\.0xfffffffe */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_VSOCK
#define CFG_VIRTIO_VSOCK(X) \
	X(guest, vsock0, 4, 0, VIRTIO_PCI, 2)
