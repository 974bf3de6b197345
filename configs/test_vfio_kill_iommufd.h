/* SPDX-License-Identifier: Apache-2.0 */
/* The same by iommufd. */
#define CFG_NAME "test_vfio_kill_iommufd"
#define BOARD_IOMMUFD 1

#include "configs/test_vfio_kill.h"
