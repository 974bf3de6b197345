/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PL011: too many rows */
#include "configs/qemu_virt.h"

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x09000000, 20, CONSOLE) \
	X(guest, uart1, 0x09001000, 21, NO_TERMINAL) \
	X(guest, uart2, 0x09002000, 22, NO_TERMINAL)
