/* SPDX-License-Identifier: Apache-2.0 */
/* expect: FAIL_PANIC.*undeclared */
#include "configs/qemu_virt.h"

#undef CFG_FAILURE_ACTION
#define CFG_FAILURE_ACTION FAIL_PANIC
