/* SPDX-License-Identifier: Apache-2.0 */
/* expect: partition_other.*undeclared */
#include "configs/qemu_virt_mmio.h"

#undef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X) \
	X(other, con0, 0x0a000800, 20, VIRTIO_MMIO, BOARD_TTY(hvc0))
