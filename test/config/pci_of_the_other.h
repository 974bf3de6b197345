/* SPDX-License-Identifier: Apache-2.0 */
/* expect: second/rng0: the partition has no row in CFG_PCI */
#include "configs/qemu_virt_pci.h"

#include "test/config/two_partitions.inc"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(second, rng0, 2, 0, VIRTIO_PCI)
