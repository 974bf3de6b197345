/* SPDX-License-Identifier: Apache-2.0 */
/* The payload (boot/image.c): where it comes from, and where it is put. */
#include <linux/errno.h>
#include <string.h>

#include "boot/image.h"
#include "core/log.h"
#include "core/stamp.h"
#include "test/unit/driver.h"

#define ROM_BYTES 0x10000ull

/* 1.5 pages, padded to 2 as tools/payload.py does. */
static _Alignas(4096) uint8_t firmware[0x2000];

/* Of a whole number of chunks, or not. */
static uint8_t initrd[0x1234];

/* -- Where it comes from --------------------------------------------------- */

static void assert_logged(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	assert_non_null(strstr(fake.log, text));
}

static void payload_of_the_binary(void)
{
	fake_reset();
	image_open();
	assert_int_equal(fake.calls, 1); /* it looks, and that is all */
}

static void payload_in_ram(void)
{
	fake_reset();
	fake.no_payload = 1;
	fake_file("/dev/mem", 4096);
	image_open();
	/* Looked, opened, mapped, closed. */
	assert_int_equal(fake.calls, 4);
}

static void payload_of_another_build(void)
{
	fake_reset();
	fake.no_payload = 1;
	fake_file("/dev/mem", 4096);
	fake_payload_stamp[0] ^= 1;
	assert_int_equal(EXITS(image_open()), EXIT_HOST);
	fake_payload_stamp[0] ^= 1;
	assert_logged("of the board's RAM is none of this build; have the boot "
		      "loader put payload.bin there");
}

static void payload_out_of_reach(void)
{
	fake_reset();
	fake.no_payload = 1;
	assert_int_equal(EXITS(image_open()), EXIT_HOST);
	assert_logged("payload: /dev/mem at 0x");
	assert_logged("build the host kernel with CONFIG_DEVMEM, without "
		      "CONFIG_STRICT_DEVMEM");
}

/* -- Where it is put ------------------------------------------------------- */

static struct config_partition payload_partition(uint64_t rom_size)
{
	memset(firmware, 0xf1, 0x1800);
	for (size_t i = 0; i < sizeof(initrd); i++) {
		initrd[i] = (uint8_t)(i * 7 + i / 256);
	}
	return (struct config_partition){
		.rom = { 0, rom_size },
		.image = { firmware, 0x1800, rom_size ? 0 : RAM + 0x3000 },
		.initrd = { initrd, rom_size ? 0 : sizeof(initrd),
			    RAM + 0x10000 },
	};
}

static void image_in_rom(void)
{
	static const uint8_t zero[0x20000];
	const struct config_partition partition = payload_partition(ROM_BYTES);

	driver_machine();
	image_load(&partition);
	assert_memory_equal(fake_guest(0), firmware, sizeof(firmware));
	assert_int_equal(fake.slots[2].userspace_addr, (uintptr_t)firmware);
	assert_memory_equal(ram(RAM), zero, sizeof(zero)); /* none in RAM */
}

/* Every width, aligned or not, first byte and last: answered, and dropped. */
static void rom_writes_are_dropped(void)
{
	const struct config_partition partition = payload_partition(ROM_BYTES);
	static const uint64_t at[] = { 0, 3, 0x1800, ROM_BYTES - 8 };
	struct mmio_access access = { .write = 1, .value = ~0ull };
	size_t i;

	driver_machine();
	image_load(&partition);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (access.size = 1; access.size <= 8; access.size *= 2) {
			assert_int_equal(mmio_dispatch(at[i], &access), 1);
		}
	}
	assert_memory_equal(fake_guest(0), firmware, sizeof(firmware));
	assert_int_equal(firmware[0], 0xf1);
	assert_int_equal(*(uint8_t *)fake_guest(ROM_BYTES - 8), 0);
	assert_true(fake.log_lines > 0 && fake.log_lines <= 10);
	assert_logged("write of 8 bits at 0x0: ROM, dropped");
	/* Behind it is nothing. */
	assert_int_equal(mmio_dispatch(ROM_BYTES, &access), 0);
}

static void image_in_ram(void)
{
	const struct config_partition partition = payload_partition(0);
	struct mmio_access access = { .write = 1, .size = 4 };

	driver_machine();
	image_load(&partition);
	assert_memory_equal(ram(RAM + 0x3000), firmware, 0x1800);
	assert_memory_equal(ram(RAM + 0x10000), initrd, sizeof(initrd));
	assert_int_equal(*(uint8_t *)ram(RAM + 0x10000 + sizeof(initrd)), 0);
	assert_int_equal(fake.slot_count, 2);
	assert_int_equal(mmio_dispatch(0, &access), 0);
}

static const struct CMUnitTest tests[] = {
	TEST(payload_of_the_binary),
	TEST(payload_in_ram),
	TEST(payload_of_another_build),
	TEST(payload_out_of_reach),
	TEST(image_in_rom),
	TEST(rom_writes_are_dropped),
	TEST(image_in_ram),
};

UNIT_MAIN("image", tests)
