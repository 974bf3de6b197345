/* SPDX-License-Identifier: Apache-2.0 */
/* expect: CFG_PARTITIONS: exactly one partition */
#include "configs/qemu_virt.h"

#undef CFG_PARTITIONS
#define CFG_PARTITIONS(X) \
	X(guest, 1, 0, CPU_PMU) \
	X(other, 0, 0, CPU_PMU)

#undef CFG_RAM
#define CFG_RAM(X) \
	X(guest, ram, 0x40000000, 0x10000000, RAM_LAZY) \
	X(other, ram, 0x40000000, 0x10000000, RAM_LAZY)

#define PAYLOAD_other_FLAT 1
#define PAYLOAD_other_OFFSET 0x40080000
#define PAYLOAD_other_IMAGE_BYTES 4096
#define PAYLOAD_other_MEMORY_BYTES 4096
#define PAYLOAD_other_INITRD_BYTES 0
#define PAYLOAD_other_CMDLINE ""
extern const char payload_other_image[];
extern const char payload_other_initrd[];
