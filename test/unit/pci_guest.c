/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's side of a PCI function. */
#include "test/unit/pci_guest.h"

const struct config_pci pci_windows = {
	.ecam_gpa = ECAM,
	.io_gpa = PCI_IO,
	.mem32_gpa = MEM32,
	.mem64_gpa = MEM64,
	.spi = PCI_SPI,
};

uint64_t cfg_of(unsigned bus, unsigned slot)
{
	return ECAM + bus * 0x100000ull + slot * 0x8000ull;
}

uint32_t cfg_read(uint64_t cfg, unsigned offset, unsigned size)
{
	uint64_t value = driver_mmio_read(cfg + offset, size);

	return (uint32_t)(value & (~0ull >> (64 - 8 * size)));
}

void cfg_write(uint64_t cfg, unsigned offset, unsigned size, uint32_t value)
{
	driver_mmio_write(cfg + offset, size,
			  value & (~0ull >> (64 - 8 * size)));
}

void cfg_command(uint64_t cfg, uint32_t command)
{
	cfg_write(cfg, PCI_COMMAND, 2, command);
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 2), command);
}

unsigned cfg_capability(uint64_t cfg, unsigned id, unsigned n)
{
	unsigned at = cfg_read(cfg, PCI_CAPABILITY_LIST, 1);
	unsigned steps = 0;

	while (at != 0) {
		assert_in_range(at, 0x40, 0xfc);
		assert_int_equal(at % 4, 0);
		assert_true(++steps < 48); /* no loop */
		if (cfg_read(cfg, at, 1) == id && n-- == 0) {
			return at;
		}
		at = cfg_read(cfg, at + 1, 1);
	}
	return 0;
}

uint64_t cfg_bar(uint64_t cfg, unsigned bar)
{
	unsigned offset = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t low = cfg_read(cfg, offset, 4);

	if ((low & PCI_BASE_ADDRESS_SPACE_IO) != 0) {
		unsigned bus = (unsigned)(cfg - ECAM) / 0x100000;

		return PCI_IO + bus * 0x10000ull + (low & ~3u);
	}
	if ((low & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0) {
		return (low & ~15u) | (uint64_t)cfg_read(cfg, offset + 4, 4)
					      << 32;
	}
	return low & ~15u;
}
