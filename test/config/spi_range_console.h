/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/con0: SPI out of range */
#include "configs/qemu_virt_mmio.h"

#undef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest, con0, 0x0a000800, 96, VIRTIO_MMIO, BOARD_TTY(hvc0))
