/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI cards for QEMU's "virt" board, for configs that give them to a guest:
 * such a config includes this before the board's header.
 */
#pragma once

/*        name    host address    vendor  device  BARs 0 to 5                               MSI-X vectors */
#define BOARD_PCI_FUNCTIONS(X) \
	X(nvme0,  "0000:00:02.0", 0x1b36, 0x0010, 0x4000,   0,       0,    0,      0, 0,      65) \
	X(nic0,   "0000:00:03.0", 0x8086, 0x10d3, 0x20000,  0x20000, 0x20, 0x4000, 0, 0,      5)  \
	X(vblk0,  "0000:00:04.0", 0x1af4, 0x1042, 0,        0x1000,  0,    0,      0x4000, 0, 3)  \
	X(vnet0,  "0000:00:05.0", 0x1af4, 0x1041, 0,        0x1000,  0,    0,      0x4000, 0, 4)  \
	X(edu0,   "0000:00:06.0", 0x1234, 0x11e8, 0x100000, 0,       0,    0,      0, 0,      0)  \
	X(multi0, "0000:00:07.0", 0x1234, 0x11e8, 0x100000, 0,       0,    0,      0, 0,      0)  \
	X(multi1, "0000:00:07.1", 0x1b36, 0x0010, 0x4000,   0,       0,    0,      0, 0,      65) \
	X(nvme1,  "0000:00:09.0", 0x1b36, 0x0010, 0x2000,   0,       0,    0,      0x1000, 0, 65) \
	X(old0,   "0000:00:0a.0", 0x1af4, 0x1001, 0x80,     0x1000,  0,    0,      0x4000, 0, 3)  \
	X(nvme2,  "0000:01:00.0", 0x1b36, 0x0010, 0x4000,   0,       0,    0,      0, 0,      65)

/*
 * nvme0 shares its BAR with the MSI-X table, nvme1 does not, nvme2 is behind a
 * port. By default edu reaches 256 MiB, which is below all RAM. Without
 * iommu_platform QEMU lets old0 pass the SMMU by: no guest may use its queues.
 */
#define BOARD_EMU_CARDS \
	-drive file=OUT/nvme0.img,format=raw,if=none,id=nvme0 \
	-device nvme,drive=nvme0,serial=nvme0,addr=02.0 \
	-netdev user,id=net0,restrict=on \
	-device e1000e,netdev=net0,addr=03.0 \
	-drive file=OUT/vblk0.img,format=raw,if=none,id=vblk0 \
	-device virtio-blk-pci,drive=vblk0,iommu_platform=on,disable-legacy=on,addr=04.0 \
	-netdev user,id=net1,restrict=on \
	-device virtio-net-pci,netdev=net1,iommu_platform=on,disable-legacy=on,addr=05.0 \
	-device edu,dma_mask=0xffffffffffffffff,addr=06.0 \
	-drive file=OUT/multi1.img,format=raw,if=none,id=multi1 \
	-device nvme,drive=multi1,serial=multi1,addr=07.1 \
	-device edu,dma_mask=0xffffffffffffffff,multifunction=on,addr=07.0 \
	-drive file=OUT/nvme1.img,format=raw,if=none,id=nvme1 \
	-device nvme,drive=nvme1,serial=nvme1,msix-exclusive-bar=on,addr=09.0 \
	-drive file=OUT/old0.img,format=raw,if=none,id=old0 \
	-device virtio-blk-pci,drive=old0,disable-legacy=off,addr=0a.0 \
	-device pcie-root-port,id=port0,chassis=1,addr=08.0 \
	-drive file=OUT/nvme2.img,format=raw,if=none,id=nvme2 \
	-device nvme,drive=nvme2,serial=nvme2,bus=port0,addr=00.0
