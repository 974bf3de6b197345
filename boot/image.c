/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's payload. The build has checked the image and that everything
 * fits, so that nothing is parsed here. RAM gets a copy, not a mapping of the
 * file: the guest's first write to each page would cost a fault of its own.
 * Firmware is never written: its ROM is our own pages.
 */
#include "boot/image.h"

#include <linux/fcntl.h>
#include <linux/mman.h>
#include <string.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/mmio.h"
#include "core/stamp.h"
#include "core/sys.h"

/* Of linker.ld; whole pages. */
extern char __payload_start[], __payload_end[];

/* One that was never given any, or to which something else was. */
static void check_stamp(uint64_t gpa)
{
	if (strncmp(payload_stamp, stamp_checksum,
		    strlen(stamp_checksum) + 1) != 0) {
		log_fatal(EXIT_HOST,
			  "payload: at 0x%llx of the board's RAM is none of "
			  "this build; have the boot loader put payload.bin "
			  "there",
			  (unsigned long long)gpa);
	}
}

/*
 * An initramfs costs the host kernel 0.7 instructions a byte, and RAM for two
 * copies until it is unpacked.
 */
void image_open(void)
{
	const size_t size = (size_t)(__payload_end - __payload_start);
	const uint64_t gpa = config_board.payload_gpa;
	long fd, ret;

	if (sys_is_mapped(__payload_start) == 0) {
		return;
	}
	fd = sys_open("/dev/mem", O_RDONLY | O_CLOEXEC);
	ret = fd;
	if (fd >= 0) {
		ret = (long)sys_mmap(__payload_start, size, PROT_READ,
				     MAP_SHARED | MAP_FIXED_NOREPLACE, (int)fd,
				     gpa);
		sys_close((int)fd);
	}
	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "payload: /dev/mem at 0x%llx: error %ld; build the "
			  "host kernel with CONFIG_DEVMEM, without "
			  "CONFIG_STRICT_DEVMEM",
			  (unsigned long long)gpa, ret);
	}
	check_stamp(gpa);
}

/* What 21 instructions copy, by vector registers; memcpy() takes 40 for it. */
typedef unsigned char vector __attribute__((vector_size(64), aligned(1)));
struct chunk {
	vector quarters[4];
};

static void load(const struct config_blob *blob)
{
	const size_t chunks = blob->size / sizeof(struct chunk);
	const struct chunk *from = (const struct chunk *)blob->data;
	struct chunk *to = mem_ptr(mem_gpa(blob->gpa), blob->size);

	BUG_ON(!to);
	for (size_t i = 0; i < chunks; i++) {
		to[i] = from[i];
	}
	memcpy(to + chunks, from + chunks, blob->size % sizeof(*from));
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
