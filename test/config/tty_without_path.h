/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/con0: terminal without a path */
#include "configs/qemu_virt_mmio.h"

#undef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X) \
	X(guest, con0, 0x0a000800, 20, VIRTIO_MMIO, HOST_FILE(""))
