/* SPDX-License-Identifier: Apache-2.0 */
/* expect: redeclaration of enumerator .the_policy_of_guest */
#include "configs/qemu_virt.h"

#undef CFG_POLICY
#define CFG_POLICY(X) \
	X(guest, 3, 100, FAIL_STOP) \
	X(guest, 4, 100, FAIL_REBOOT)
