/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rng0: window is not aligned to its size */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 0x0a000300, 17, VIRTIO_MMIO)
