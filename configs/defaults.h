/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every config ends by including this: tables that it did not name are empty,
 * decisions that it did not make are the usual ones.
 */
#ifndef CFG_RESTARTS
#define CFG_RESTARTS 3
#endif
#ifndef CFG_BACKOFF_MS
#define CFG_BACKOFF_MS 100
#endif
#ifndef CFG_FAILURE_ACTION
#define CFG_FAILURE_ACTION FAIL_REBOOT
#endif
#ifndef CFG_QUIT_KEY
#define CFG_QUIT_KEY 0x1d /* Ctrl-] */
#endif
#ifndef CFG_STATUS_KEY
#define CFG_STATUS_KEY 0x1e /* Ctrl-^ */
#endif
#ifndef CFG_RESET_MS
#define CFG_RESET_MS 0
#endif
#ifndef CFG_WATCHDOG_SECONDS
#define CFG_WATCHDOG_SECONDS 0
#endif
#ifndef CFG_HOST_CMDLINE
#define CFG_HOST_CMDLINE
#endif
#ifndef CFG_HOST_DT
#define CFG_HOST_DT(X)
#endif
#ifndef CFG_GICV2M
#define CFG_GICV2M 0
#define CFG_GICV2M_SPI 0
#define CFG_GICV2M_SPIS 0
#endif
#ifndef CFG_PCI
#define CFG_PCI(X)
#endif
#ifndef BOARD_DISKS
#define BOARD_DISKS(X)
#endif
#ifndef BOARD_TTYS
#define BOARD_TTYS(X)
#endif
#ifndef BOARD_FLASH_DISK
#define BOARD_FLASH_DISK NULL
#endif
#ifndef BOARD_PCI_FUNCTIONS
#define BOARD_PCI_FUNCTIONS(X)
#endif
#ifndef BOARD_IOMMUFD
#define BOARD_IOMMUFD 0
#endif
#ifndef BOARD_RAM_GPA
#define BOARD_RAM_GPA 0
#define BOARD_RAM_BYTES 0
#endif
#ifndef BOARD_LOG_GPA
#define BOARD_LOG_GPA 0
#define BOARD_LOG_BYTES 0
#endif
#ifndef BOARD_PAYLOAD_GPA
#define BOARD_PAYLOAD_GPA 0
#endif
#ifndef BOARD_UNSAFE_DMA
#define BOARD_UNSAFE_DMA 0
#endif
#ifndef BOARD_HOST_DT
#define BOARD_HOST_DT(X)
#endif
#ifndef BOARD_HOST_DTB
#define BOARD_HOST_DTB
#endif
#ifndef BOARD_KERNEL_FRAGMENT
#define BOARD_KERNEL_FRAGMENT
#define BOARD_HOST_CMDLINE
#endif
#ifndef BOARD_EMU_MACHINE
#define BOARD_EMU_MACHINE
#define BOARD_EMU_CPU
#define BOARD_EMU_CPUS
#define BOARD_EMU_MEMORY
#define BOARD_EMU_DEVICES
#endif
#ifndef BOARD_SOC_DEVICES
#define BOARD_SOC_DEVICES(X)
#define BOARD_SOC_REGIONS(X)
#define BOARD_SOC_LINES(X)
#endif
#ifndef BOARD_SOC_CLOCKS
#define BOARD_SOC_CLOCKS(X)
#endif
#ifndef BOARD_SOC_STREAMS
#define BOARD_SOC_STREAMS(X)
#endif
#ifndef BOARD_SOC_QUIESCE
#define BOARD_SOC_QUIESCE(X)
#endif
#ifndef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X)
#endif
#ifndef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X)
#endif
#ifndef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X)
#endif
#ifndef CFG_DT_FRAGMENT
#define CFG_DT_FRAGMENT(X)
#endif
#ifndef CFG_PCI_HOST
#define CFG_PCI_HOST(X)
#endif
#ifndef CFG_VFIO_PCI
#define CFG_VFIO_PCI(X)
#endif
#ifndef CFG_ROM
#define CFG_ROM(X)
#endif
#ifndef CFG_PL011
#define CFG_PL011(X)
#endif
#ifndef CFG_PL031
#define CFG_PL031(X)
#endif
#ifndef CFG_VIRTIO_BLK
#define CFG_VIRTIO_BLK(X)
#endif
#ifndef CFG_VIRTIO_RNG
#define CFG_VIRTIO_RNG(X)
#endif
#ifndef CFG_VIRTIO_NET
#define CFG_VIRTIO_NET(X)
#endif
#ifndef CFG_VIRTIO_VSOCK
#define CFG_VIRTIO_VSOCK(X)
#endif
#ifndef CFG_VIRTIO_CONSOLE
#define CFG_VIRTIO_CONSOLE(X)
#endif
#ifndef CFG_SHMEM
#define CFG_SHMEM(X)
#endif
#ifndef CFG_MEMORY
#define CFG_MEMORY(X)
#endif
#ifndef CFG_SHARED
#define CFG_SHARED(X)
#endif
#ifndef CFG_BRIDGE
#define CFG_BRIDGE(X)
#endif
#ifndef CFG_POLICY
#define CFG_POLICY(X)
#endif
#ifndef CFG_CRITICAL
#define CFG_CRITICAL(X)
#endif
#ifndef CFG_STATUS
#define CFG_STATUS(X)
#endif
