/* SPDX-License-Identifier: Apache-2.0 */
/* expect: board_soc_id_can9.* undeclared */
#include "configs/qemu_virt_vfio_platform.h"
#undef BOARD_SOC_STREAMS
#define BOARD_SOC_STREAMS(X) X(can9, SOC_NO_IOMMU)
