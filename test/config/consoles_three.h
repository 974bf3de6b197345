/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_VIRTIO_CONSOLE: too many rows */
#include "configs/qemu_virt.h"

#undef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest, con0, 0x0a000800, 20, VIRTIO_MMIO, BOARD_TTY(hvc0)) \
	X(guest, con1, 0x0a000a00, 21, VIRTIO_MMIO, HOST_FILE("/1")) \
	X(guest, con2, 0x0a000c00, 22, VIRTIO_MMIO, HOST_FILE("/2"))
