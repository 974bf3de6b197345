/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/uart0: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt.h"

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x10000000000, 1, CONSOLE)
