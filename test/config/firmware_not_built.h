/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: the payload was not built as CFG_PAYLOAD says */
/* payload: FIRMWARE=0 FLAT=1 */
#include "configs/qemu_virt_uboot.h"
