/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .the_terminal_hvc0 */
#include "configs/qemu_virt.h"

#include "test/config/two_partitions.inc"

#undef CFG_PL011
#define CFG_PL011(X) \
	X(guest, uart0, 0x09000000, 1, BOARD_TTY(hvc0)) \
	X(second, uart0, 0x09000000, 1, BOARD_TTY(hvc0))
