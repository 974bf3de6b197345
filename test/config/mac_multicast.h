/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/net0: MAC is no unicast address of 48 bits */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_NET
#define CFG_VIRTIO_NET(X) \
	X(guest, net0, 3, 0, VIRTIO_PCI, "tap0", 0x010000000001, 1500, HOST_NO_ADDRESS)
