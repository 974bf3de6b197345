/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/con0: window is not aligned to its size */
#include "configs/qemu_virt_mmio.h"

#undef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest, con0, 0x0a000900, 20, VIRTIO_MMIO, BOARD_TTY(hvc0))
