/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of three partitions, which no config may have yet: two with identity
 * RAM, one without; and WITH_CARVE_OUT, one with that. Included by a test once,
 * in place of a config.
 */
#pragma once

#include "core/config.h"

#define HUGE 0x200000ull
#define RAM 0x40000000ull
#define RAM_END 0x140000000ull
#define AT 0x48000000ull /* where tests put hugepages */
#define PAGES 4u /* of the first partition, */
#define SECOND 1u
#define SECOND_PAGES 2u /* of this one; */
#define LAZY 2u /* this one has none */
#define CARVED 3u /* this one has what is here: */
#define CARVED_AT 0x50000000ull
#define CARVED_PAGES 3u
#define IMAGE_BYTES 0x3000u
#define INITRD_BYTES 1000u

static char identity_image[IMAGE_BYTES];
static char identity_initrd[INITRD_BYTES];

const char config_name[] = "identity";
const struct config_board config_board = {
	.name = "board",
	.ipa_bits = 40,
	.page_size = 4096,
	.hugepage_size = HUGE,
	.ram_gpa = RAM,
	.ram_bytes = RAM_END - RAM,
	.console = "/dev/ttyAMA0",
};
#define PARTITION(label, base, bytes, how)                                    \
	{                                                                     \
		.name = label, .max_restarts = 3, .backoff_ms = 100,          \
		.failure_action = FAIL_REBOOT,                                \
		.gic = { GIC_V3, 32, 0x08000000, 0x080a0000, 0 },             \
		.ram = { { (base), (bytes), (how) } },                        \
		.image = { identity_image, IMAGE_BYTES, (base) },             \
		.initrd = { identity_initrd, INITRD_BYTES, (base) + 0x8000 }, \
		.cmdline = "", .entry_gpa = (base) + 0x1000,                  \
		.fdt_gpa = (base) + 0x10000, .fdt_size = 0x10000,             \
	}
const struct config_partition config_partitions[] = {
	PARTITION("one", RAM, PAGES *HUGE, RAM_IDENTITY),
	PARTITION("two", RAM, SECOND_PAGES *HUGE, RAM_IDENTITY),
	PARTITION("three", RAM, 0x200000, RAM_LAZY),
#ifdef WITH_CARVE_OUT
	PARTITION("four", CARVED_AT, CARVED_PAGES *HUGE, RAM_CARVEOUT),
#endif
};
const unsigned config_partition_count = sizeof(config_partitions) /
					sizeof(config_partitions[0]);
#define UART(number)                                                   \
	{                                                              \
		.name = "uart0", .gpa = 0x09000000, .size = 0x1000,    \
		.partition = (number), .spi = 1, .kind = DEVICE_PL011, \
		.path = "",                                            \
	}
const struct config_device config_devices[] = { UART(0), UART(1), UART(2) };
const unsigned config_device_count = 3;
const struct config_bridge config_bridges[1];
const unsigned config_bridge_count;
const uint64_t config_memories[1];
const unsigned config_memory_count;
const struct config_soc_region config_soc_regions[1];
const unsigned config_soc_region_count;
const struct config_soc_line config_soc_lines[1];
const unsigned config_soc_line_count;
const struct config_soc_write config_soc_quiesce[1];
const unsigned config_soc_quiesce_count;
