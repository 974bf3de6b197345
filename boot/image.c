/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's payload. The build has checked the image and that everything
 * fits, so that nothing is parsed here. RAM gets a copy, not a mapping of the
 * file: the guest's first write to each page would cost a fault of its own.
 * Firmware is never written: its ROM is our own pages.
 */
#include "boot/image.h"

#include <string.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/mmio.h"

static void load(const struct config_blob *blob)
{
	void *to = mem_ptr(mem_gpa(blob->gpa), blob->size);

	BUG_ON(!to);
	memcpy(to, blob->data, blob->size);
}

/* Reads never exit. A ROM has no use for a write, and no way to refuse it. */
static void write_rom(void *ctx, struct mmio_access *access)
{
	const struct config_rom *rom = ctx;

	log_guest("guest: write of %u bits at 0x%llx: ROM, dropped",
		  8 * access->size,
		  (unsigned long long)(rom->gpa + access->offset));
}

static void map_firmware(const struct config_rom *rom,
			 const struct config_blob *image)
{
	const struct mmio_window window = {
		.gpa = rom->gpa,
		.size = rom->size,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = write_rom,
		.ctx = (void *)(uintptr_t)rom,
	};

	mem_map_rom(rom, image->data, image->size);
	mmio_claim(&window);
}

void image_load(const struct config_partition *partition)
{
	const struct config_rom *rom = &partition->rom;

	if (rom->size > 0) {
		map_firmware(rom, &partition->image);
	} else {
		load(&partition->image);
	}
	load(&partition->initrd);
}
