/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest/rtc0: outside of the board.{1,2}s IPA space */
#include "configs/qemu_virt.h"

#undef CFG_PL031
#define CFG_PL031(X) \
	X(guest, rtc0, 0x10000000000, 2)
