/* SPDX-License-Identifier: Apache-2.0 */
/* A test guest that the supervisor may restart as often as it is killed. */
#define CFG_NAME "test_restart"
#define CFG_RESTARTS 1000
#define CFG_BACKOFF_MS 0

#include "board/qemu_virt_gicv3.h"
#include "configs/test_guest.h"
