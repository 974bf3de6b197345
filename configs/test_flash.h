/* SPDX-License-Identifier: Apache-2.0 */
/* A bare-metal guest on its own core, on a host whose tree reserves memory. */
#define CFG_NAME "test_flash"

#define CFG_HOST_CMDLINE loglevel=7 isolcpus=1 nohz_full=1

#define CFG_HOST_DT(X) X("configs/test_flash.dtsi")

#define CFG_PAYLOAD(X) \
	X(guest, PAYLOAD_IMAGE, "none", "none", "test")

#include "board/qemu_virt_gicv3.h"
#include "configs/qemu_virt_guest.h"
#include "configs/defaults.h"
