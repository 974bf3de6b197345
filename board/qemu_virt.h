/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's "virt" board with EL2: what all its variants share. A variant says
 * which GIC and which CPU it has, then includes this.
 */
#pragma once

#define BOARD_IPA_BITS 40
#define BOARD_PAGE_SIZE 0x1000
#define BOARD_HUGEPAGE_SIZE 0x200000
#define BOARD_RAM_GPA 0x40000000
#define BOARD_RAM_BYTES 0x100000000
#ifndef BOARD_LOG_GPA
/* QEMU loads what it starts to the front of RAM, U-Boot moves to its end. */
#define BOARD_LOG_GPA 0x78000000
#define BOARD_LOG_BYTES 0x10000
#endif
#ifndef BOARD_PAYLOAD_GPA
#define BOARD_PAYLOAD_GPA 0x70000000
#endif
#define BOARD_CPUS 2
#define BOARD_CONSOLE "/dev/ttyAMA0"
#define BOARD_FLASH_DISK "/dev/nvme0n1"

#ifndef BOARD_DISKS
/* Host disks: name and device node. */
#define BOARD_DISKS(X) X(vda, "/dev/vda")
#endif

/* Host terminals besides the console: name and device node. */
#define BOARD_TTYS(X) X(hvc0, "/dev/hvc0")

/* How tools build and start the host (words of make, not of C). */
#define BOARD_KERNEL_FRAGMENT board/qemu_virt.config
/* The tree that QEMU gives to the kernel. */
#define BOARD_HOST_DTB emulator
#ifndef BOARD_HOST_DT
#define BOARD_HOST_DT(X) X("board/qemu_virt.dtsi")
#endif
/*
 * Start-up: a ramfs takes /init with fewer instructions than the usual tmpfs, and
 * every device reaches all RAM.
 */
#define BOARD_HOST_CMDLINE \
	console=ttyAMA0 quiet panic=5 rootfstype=ramfs swiotlb=noforce
#define BOARD_EMU_CPUS 2
#define BOARD_EMU_MEMORY 1G
/* One port, so that /dev/hvc0 is there before PID 1 is. */
#define BOARD_EMU_DEVICES \
	-drive file=OUT/disk.img,format=raw,if=none,id=vda \
	-device virtio-blk-device,drive=vda \
	-device virtio-serial-device,max_ports=1 \
	-device virtconsole,chardev=hvc0 BOARD_EMU_CARDS BOARD_EMU_SOC
#ifndef BOARD_EMU_CARDS
#define BOARD_EMU_CARDS
#endif
#ifndef BOARD_EMU_SOC
#define BOARD_EMU_SOC
#endif
