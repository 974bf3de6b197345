/* SPDX-License-Identifier: Apache-2.0 */
/* expect: BOARD_SOC_STREAMS/rtc: neither SOC_NO_IOMMU nor an id of 32 bits */
#include "configs/qemu_virt_vfio_platform.h"
#undef BOARD_SOC_STREAMS
#define BOARD_SOC_STREAMS(X) X(rtc, 0x100000000)
