/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of unit_config_soc.h on a board that isolates by iommufd. */
#define BOARD_IOMMUFD 1

#include "test/unit/unit_config_soc.h"
