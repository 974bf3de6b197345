/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_STATUS: too many rows */
#include "configs/qemu_virt.h"

#undef CFG_STATUS
#define CFG_STATUS(X) \
	X(guest, status0, 0x0b000000) \
	X(guest, status1, 0x0b001000)
