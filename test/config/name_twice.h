/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .row_guest_uart0.[\s\S]*CFG_PL031 */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, uart0, 0x09010000, 2)
