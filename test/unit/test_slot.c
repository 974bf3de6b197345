/* SPDX-License-Identifier: Apache-2.0 */
/* The slot of a flash disk is confirmed: boot/slot.c. */
#include <linux/errno.h>
#include <string.h>

#include "boot/slot.h"
#include "core/config.h"
#include "test/unit/fake.h"

#define DISK_BYTES (1u << 22)
#define A_GOOD "slot_good=a\0slot_tries=2\0slot_version=1\0"
#define B_GOOD "slot_good=b\0slot_tries=0\0slot_version=1\0"
#define NEWER "slot_good=a\0slot_tries=2\0slot_version=12\0"
#define PUT(copy, text) put(copy, text, sizeof(text))

static struct fake_file *disk;

/* Of U-Boot's "env export -c", from its most significant bit on. */
static uint32_t crc(const uint8_t *data, size_t len)
{
	uint32_t value = 0xffffffff, reversed = 0;
	size_t i;
	int bit;

	for (i = 0; i < len * 8; i++) {
		uint32_t in = data[i / 8] >> i % 8 & 1;

		value = value << 1 ^ (in ^ value >> 31 ? 0x04c11db7 : 0);
	}
	for (bit = 0; bit < 32; bit++) {
		reversed |= (value >> bit & 1) << (31 - bit);
	}
	return ~reversed;
}

static uint8_t *copy_at(unsigned copy)
{
	return disk->data + SLOT_STATE_OFFSET + copy * SLOT_STATE_COPY;
}

static void put(unsigned copy, const char *text, size_t len)
{
	uint32_t value;

	memset(copy_at(copy), 0, SLOT_STATE_BYTES);
	memcpy(copy_at(copy) + 4, text, len);
	value = crc(copy_at(copy) + 4, SLOT_STATE_BYTES - 4);
	memcpy(copy_at(copy), &value, 4);
}

/* What both copies must be; everything else is untouched. */
static void assert_state(const char *text, size_t len)
{
	uint8_t *is = copy_at(0);
	size_t i;

	assert_memory_equal(is + 4, text, len);
	for (i = 4 + len; i < SLOT_STATE_BYTES; i++) {
		assert_int_equal(is[i], 0);
	}
	put(0, text, len);
	assert_memory_equal(is, copy_at(1), SLOT_STATE_BYTES);
	memset(copy_at(0), 0, SLOT_STATE_BYTES);
	memset(copy_at(1), 0, SLOT_STATE_BYTES);
	for (i = 0; i < DISK_BYTES; i++) {
		assert_int_equal(disk->data[i], 0);
	}
}

static void booted(const char *cmdline)
{
	struct fake_file *file;

	fake_reset();
	file = fake_file("/proc/cmdline", strlen(cmdline));
	memcpy(file->data, cmdline, strlen(cmdline));
	disk = fake_file(config_board.flash_disk, DISK_BYTES);
}

static void nothing_is_open(void)
{
	int fd;

	for (fd = 3; fd < FAKE_FDS; fd++) {
		assert_int_equal(fake.fds[fd].kind, FAKE_CLOSED);
	}
}

static void confirms(void)
{
	booted("console=ttyAMA0 panic=5 bedplate.slot=b\n");
	PUT(0, A_GOOD);
	PUT(1, A_GOOD);
	assert_int_equal(slot_booted(), 'b');
	slot_confirm();
	fake_one_line("/dev/nvme0n1: slot b is good");
	assert_int_equal(disk->writes, 2);
	assert_state(B_GOOD, sizeof(B_GOOD));
	nothing_is_open();
}

/* Also while a new image waits to be tried in the other slot. */
static void is_good_already(void)
{
	booted("bedplate.slot=a quiet");
	PUT(0, A_GOOD);
	PUT(1, A_GOOD);
	slot_confirm();
	assert_int_equal(disk->writes, 0);
	assert_int_equal(fake.log_lines, 0);
	nothing_is_open();
}

static void not_booted_from_a_slot(void)
{
	static const char *const lines[] = {
		"",
		"\n",
		"quiet bedplate.slot",
		"bedplate.slot=",
		"bedplate=b slot=b",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		booted(lines[i]);
		assert_int_equal(slot_booted(), 0);
		slot_confirm();
		assert_int_equal(disk->opens, 0);
		assert_int_equal(fake.log_lines, 0);
		nothing_is_open();
	}
}

/* A power cut while the first copy was written; the second has what was. */
static void one_copy_is_broken(void)
{
	booted("bedplate.slot=a");
	PUT(1, A_GOOD);
	slot_confirm();
	assert_int_equal(disk->writes, 0);

	booted("bedplate.slot=b");
	PUT(0, B_GOOD);
	copy_at(0)[4 + 9] ^= 1;
	PUT(1, A_GOOD);
	slot_confirm();
	fake_one_line("slot b is good");
	assert_state(B_GOOD, sizeof(B_GOOD));
}

static void no_copy_is_valid(void)
{
	booted("bedplate.slot=b");
	memset(copy_at(0), 0xff, SLOT_STATE_BYTES);
	slot_confirm();
	fake_one_line("slot b is good");
	assert_state(B_GOOD, sizeof(B_GOOD));
}

/* As mkenvimage pads it, and one that does not end. */
static void other_ends(void)
{
	char full[SLOT_STATE_BYTES - 4];

	booted("bedplate.slot=a");
	memset(full, 0xff, sizeof(full));
	memcpy(full, A_GOOD, sizeof(A_GOOD));
	put(0, full, sizeof(full));
	slot_confirm();
	assert_int_equal(disk->writes, 0);
	assert_int_equal(fake.log_lines, 0);

	booted("bedplate.slot=b");
	memset(full, 'x', sizeof(full));
	put(0, full, sizeof(full));
	slot_confirm();
	fake_one_line("slot state of format , not 1");
	assert_int_equal(disk->writes, 0);
}

static void says_nothing_of_slots(void)
{
	booted("bedplate.slot=b");
	PUT(0, "bootdelay=2\0");
	slot_confirm();
	fake_one_line("slot state of format , not 1; slot b is not confirmed");
	assert_int_equal(disk->writes, 0);
}

static void newer_state(void)
{
	booted("bedplate.slot=b");
	PUT(0, NEWER);
	PUT(1, NEWER);
	slot_confirm();
	fake_one_line("/dev/nvme0n1: slot state of format 12, not 1; slot b is "
		      "not confirmed, write a newer image");
	assert_int_equal(disk->writes, 0);
	nothing_is_open();
}

static void no_disk(void)
{
	booted("bedplate.slot=b");
	disk->open_error = -ENXIO;
	slot_confirm();
	fake_one_line("/dev/nvme0n1: error -6; slot b is not confirmed, "
		      "correct BOARD_FLASH_DISK");
}

static void disk_is_too_small(void)
{
	booted("bedplate.slot=b");
	disk->size = SLOT_STATE_OFFSET;
	slot_confirm();
	fake_one_line("slot b is not confirmed");
}

/* Each call fails: no harm, at most one line, and no wrong one. */
static void each_call_fails(void)
{
	unsigned n;

	for (n = 1; n <= 12; n++) {
		booted("bedplate.slot=b");
		PUT(0, A_GOOD);
		PUT(1, A_GOOD);
		fake.fail_at = n;
		fake.fail_with = -EIO;
		slot_confirm();
		assert_true(fake.log_lines <= 1);
		fake.log[fake.log_bytes] = '\0';
		if (disk->writes < 2) {
			assert_null(strstr(fake.log, "is good"));
		}
	}
}

static const struct CMUnitTest tests[] = {
	TEST(confirms),
	TEST(is_good_already),
	TEST(not_booted_from_a_slot),
	TEST(one_copy_is_broken),
	TEST(no_copy_is_valid),
	TEST(other_ends),
	TEST(says_nothing_of_slots),
	TEST(newer_state),
	TEST(no_disk),
	TEST(disk_is_too_small),
	TEST(each_call_fails),
};

UNIT_MAIN("slot", tests)
