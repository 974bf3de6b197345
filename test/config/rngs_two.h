/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VIRTIO_RNG: too many rows */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 0x0a000200, 17, VIRTIO_MMIO) \
	X(guest, rng1, 0x0a000400, 18, VIRTIO_MMIO)
