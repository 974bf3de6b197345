/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate case value[\s\S]*X\(guest, rng0 */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 0x0a000200, 16, VIRTIO_MMIO)
