/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/status0: window is not page-aligned */
#include "configs/qemu_virt.h"

#undef CFG_STATUS
#define CFG_STATUS(X) \
	X(guest, status0, 0x0b000800)
