/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/net0: MTU is not in 68\.\.65521 */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_NET
#define CFG_VIRTIO_NET(X) \
	X(guest, net0, 3, 0, VIRTIO_PCI, "tap0", 0x020000000001, 65522, HOST_NO_ADDRESS)
