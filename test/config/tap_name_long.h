/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/net0: tap name is not of 1 to 15 characters */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_NET
#define CFG_VIRTIO_NET(X) \
	X(guest, net0, 3, 0, VIRTIO_PCI, "abcdefghijklmnop", 0x020000000001, 1500, HOST_NO_ADDRESS)
