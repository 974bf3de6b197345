/* SPDX-License-Identifier: Apache-2.0 */
/* zcu102 for a partition that is killed over and over. */
#define CFG_RESTARTS 1000
#define CFG_BACKOFF_MS 0

#include "configs/zcu102.h"
