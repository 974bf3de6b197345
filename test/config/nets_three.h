/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VIRTIO_NET: too many rows */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_NET
#define CFG_VIRTIO_NET(X) \
	X(guest, net0, 8, 0, VIRTIO_PCI, "tap0", 0x020000000001, 1500, HOST_NO_ADDRESS) \
	X(guest, net1, 9, 0, VIRTIO_PCI, "tap1", 0x020000000001, 1500, HOST_NO_ADDRESS) \
	X(guest, net2, 10, 0, VIRTIO_PCI, "tap2", 0x020000000001, 1500, HOST_NO_ADDRESS)
