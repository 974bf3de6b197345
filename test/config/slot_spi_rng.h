/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rng0: on PCI the bus decides the SPI: write 0 */
#include "configs/qemu_virt_pci.h"

#undef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X) \
	X(guest, rng0, 2, 17, VIRTIO_PCI_TRANSITIONAL)
