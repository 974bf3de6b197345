/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the configs of real boards have in common: the machine that the
 * guest sees on QEMU's virt board, and between its virtio-mmio transports and
 * PCI windows, from 0x0b00_0000 and SPI 40 on, the board's device.
 */
#define CFG_HOST_CMDLINE \
	vfio.enable_unsafe_noiommu_mode=1 vfio_platform.reset_required=0 \
	clk_ignore_unused

#include "configs/qemu_virt_guest.h"
