/* SPDX-License-Identifier: Apache-2.0 */
/* expect: duplicate \(or overlapping\) case value[\s\S]*X\(guest, rng0 */
/* payload: FLAT=0 OFFSET=0x80000 */
#include "configs/qemu_virt_vfio_platform.h"

/* Above the RAM that the guest gets, where the host may have it all the same. */
#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 0x60000000, 17, VIRTIO_MMIO)
