/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, rng0 */
#include "configs/qemu_virt_gicv2.h"

/* The register page would hide the frame. */
#undef BOARD_PAGE_SIZE
#define BOARD_PAGE_SIZE 0x10000
#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, CFG_GICV2M + 0x1000, 17, VIRTIO_MMIO)
