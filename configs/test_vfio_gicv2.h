/* SPDX-License-Identifier: Apache-2.0 */
/* The same with a GICv2m frame, by a container. */
#define CFG_NAME "test_vfio_gicv2"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv2.h"
#include "configs/test_vfio_guest.h"
