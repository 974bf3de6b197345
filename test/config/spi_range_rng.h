/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rng0: SPI out of range */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 0x0a000200, -1, VIRTIO_MMIO)
