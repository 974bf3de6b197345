/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .row_guest_rng0. */
#include "configs/qemu_virt_mmio.h"

#undef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest, rng0, 0x0a000800, 20, VIRTIO_MMIO, BOARD_TTY(hvc0))
