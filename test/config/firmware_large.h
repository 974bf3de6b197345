/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: the firmware does not fit in its ROM */
/* payload: MEMORY_BYTES=0x8000001 */
#include "configs/qemu_virt_uboot.h"
