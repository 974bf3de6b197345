/* SPDX-License-Identifier: Apache-2.0 */
/* The same with vLPIs, by iommufd. */
#define CFG_NAME "test_vfio_gicv4"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv4.h"
#include "configs/test_vfio_guest.h"
