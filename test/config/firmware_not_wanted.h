/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: the payload was not built as CFG_PAYLOAD says */
#include "configs/qemu_virt_uboot.h"

#undef CFG_PAYLOAD
#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "u-boot", "none", "")
