/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/uart0: window is not page-aligned */
#include "configs/qemu_virt.h"

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x09000800, 1, CONSOLE)
