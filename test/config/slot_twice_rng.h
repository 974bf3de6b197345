/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, rng0[\s\S]*X\(guest, +disk0 */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 1, 0, VIRTIO_PCI)
