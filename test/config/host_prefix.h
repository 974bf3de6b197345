/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/net0: host address has no prefix of 0\.\.30 bits */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_NET
#define CFG_VIRTIO_NET(X) \
	X(guest, net0, 3, 0, VIRTIO_PCI, "tap0", 0x020000000001, 1500, HOST_IPV4(10, 0, 0, 1, 31))
