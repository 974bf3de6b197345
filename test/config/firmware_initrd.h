/* SPDX-License-Identifier: Apache-2.0 */
/* expect: guest: firmware takes no initrd */
/* payload: INITRD_BYTES=4096 */
#include "configs/qemu_virt_uboot.h"
