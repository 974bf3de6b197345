/* SPDX-License-Identifier: Apache-2.0 */
/* A disk and a NIC of the host, by a container. */
#define CFG_NAME "test_vfio"
#include "board/qemu_virt_cards.h"
#include "board/qemu_virt_gicv3.h"
#include "configs/test_vfio_guest.h"
