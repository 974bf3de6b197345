/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: unknown payload kind */
#include "configs/qemu_virt.h"

#undef CFG_PAYLOAD
#define CFG_PAYLOAD(X) \
	X(guest, 7, "guest-kernel", "guest-initrd", "")
