/* SPDX-License-Identifier: Apache-2.0 */
/* The disk's backing: O_DIRECT, topology, discard and write zeroes. */
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/stat.h>
#include <linux/virtio_blk.h>
#include <string.h>

#include "core/loop.h"
#include "dev/blk.h"
#include "dev/disk.h"
#include "test/unit/driver.h"

#define NUM 8
#define DISK_BYTES (1ull << 20)
#define SECTORS (DISK_BYTES / 512)
#define HEADER (RAM + 0x20000)
#define RANGE (RAM + 0x20100)
#define STATUS (RAM + 0x20200)
#define DATA (RAM + 0x30000)
#define RANGES (BIT64(VIRTIO_BLK_F_DISCARD) | BIT64(VIRTIO_BLK_F_WRITE_ZEROES))
#define UNSET 0xee
#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
#define ZERO (FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE)

static struct driver d;
static struct fake_file *file;

static void disk(enum blk_access access, uint32_t mode, uint32_t align)
{
	const struct config_device row = {
		.name = "disk0",
		.gpa = WINDOW,
		.size = 0x200,
		.queue_size = NUM,
		.path = "/disk0",
		.access = (uint8_t)access,
	};

	driver_machine();
	file = fake_file("/disk0", DISK_BYTES);
	file->mode = mode;
	file->direct_align = align;
	file->physical_size = 4096;
	memset(file->data, 0x77, DISK_BYTES);
	blk_init(&row);
	driver_start(&d, WINDOW, NUM,
		     BIT64(VIRTIO_F_VERSION_1) | BIT64(VIRTIO_BLK_F_FLUSH) |
			     (access == BLK_RW ? RANGES : 0));
}

static uint8_t carry_out(uint32_t type, uint64_t sector, uint64_t data,
			 uint32_t len, unsigned flags)
{
	struct virtio_blk_outhdr header = { .type = type, .sector = sector };
	unsigned i;

	memcpy(ram(HEADER), &header, sizeof(header));
	*ram(STATUS) = UNSET;
	driver_desc(&d, 0, HEADER, 16, D_NEXT, 1);
	driver_desc(&d, 1, data, len, D_NEXT | flags, 2);
	driver_desc(&d, 2, STATUS, 1, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	for (i = 0; i < 4; i++) {
		fake_progress();
		loop_before_run();
		loop_after_run();
	}
	return *ram(STATUS);
}

static uint8_t clear(uint32_t type, uint64_t sector, uint32_t sectors,
		     uint32_t flags)
{
	struct virtio_blk_discard_write_zeroes range = {
		.sector = sector,
		.num_sectors = sectors,
		.flags = flags,
	};

	memcpy(ram(RANGE), &range, sizeof(range));
	return carry_out(type, 0, RANGE, sizeof(range), 0);
}

static void discard(void)
{
	disk(BLK_RW, S_IFREG, 0);
	assert_int_equal(clear(VIRTIO_BLK_T_DISCARD, 8, 16, 0),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->fallocate_mode, PUNCH);
	assert_int_equal(file->data[8 * 512 - 1], 0x77);
	assert_int_equal(file->data[8 * 512], 0);
	assert_int_equal(file->data[24 * 512 - 1], 0);
	assert_int_equal(file->data[24 * 512], 0x77);
}

static void write_zeroes(void)
{
	disk(BLK_RW, S_IFREG, 0);
	assert_int_equal(clear(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->fallocate_mode, ZERO);
	assert_int_equal(clear(VIRTIO_BLK_T_WRITE_ZEROES, SECTORS - 1, 1,
			       VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->fallocate_mode, PUNCH);
	assert_int_equal(file->data[DISK_BYTES - 1], 0);
}

/* M31 for ranges: nothing of these may reach the host. */
static void bad_ranges(void)
{
	static const struct {
		uint64_t sector;
		uint32_t sectors;
	} bad[] = {
		{ 0, 0 },	   { 0, (uint32_t)SECTORS + 1 },
		{ SECTORS, 1 },	   { SECTORS - 1, 2 },
		{ UINT64_MAX, 1 }, { UINT64_MAX, UINT32_MAX },
		{ 0, UINT32_MAX }, { 1ull << 55, 1 },
	};
	size_t i;

	disk(BLK_RW, S_IFREG, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(clear(VIRTIO_BLK_T_DISCARD, bad[i].sector,
				       bad[i].sectors, 0),
				 VIRTIO_BLK_S_IOERR);
		assert_int_equal(clear(VIRTIO_BLK_T_WRITE_ZEROES, bad[i].sector,
				       bad[i].sectors, 1),
				 VIRTIO_BLK_S_IOERR);
	}
	assert_int_equal(file->fallocates, 0);
}

static void bad_flags(void)
{
	disk(BLK_RW, S_IFREG, 0);
	assert_int_equal(clear(VIRTIO_BLK_T_DISCARD, 0, 1, 1),
			 VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(clear(VIRTIO_BLK_T_DISCARD, 0, 1, 2),
			 VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(clear(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0x80000001),
			 VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(file->fallocates, 0);
}

/* One range is offered: less, or more, is an error. */
static void bad_lengths(void)
{
	static const uint32_t lengths[] = { 1, 15, 17, 32, 4096 };
	size_t i;

	disk(BLK_RW, S_IFREG, 0);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(carry_out(VIRTIO_BLK_T_DISCARD, 0, RANGE,
					   lengths[i], 0),
				 VIRTIO_BLK_S_IOERR);
		assert_int_equal(carry_out(VIRTIO_BLK_T_WRITE_ZEROES, 0, RANGE,
					   lengths[i], D_WRITE),
				 VIRTIO_BLK_S_IOERR);
	}
	assert_int_equal(file->fallocates, 0);
}

static void read_only(void)
{
	disk(BLK_RO, S_IFREG, 0);
	assert_int_equal(driver_offered(&d) & RANGES, 0);
	assert_int_equal(clear(VIRTIO_BLK_T_DISCARD, 0, 1, 0),
			 VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(file->fallocates, 0);
}

static void host_cannot(void)
{
	disk(BLK_RW, S_IFREG, 0);
	file->io_error = -EOPNOTSUPP;
	assert_int_equal(clear(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0),
			 VIRTIO_BLK_S_UNSUPP);
	file->io_error = -ENOSPC;
	assert_int_equal(clear(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0),
			 VIRTIO_BLK_S_IOERR);
}

static void topology(void)
{
	struct virtio_blk_config config;

	disk(BLK_RW, S_IFBLK, 512);
	memcpy(&config, ram(WINDOW + VIRTIO_MMIO_CONFIG), sizeof(config));
	assert_int_equal(config.blk_size, 512);
	assert_int_equal(config.physical_block_exp, 3);
	assert_int_equal(config.discard_sector_alignment, 8);
	assert_int_equal(config.max_discard_seg, 1);
	assert_int_equal(config.max_write_zeroes_seg, 1);
	assert_int_equal(config.num_queues, 1);
}

/* Past the page cache only what is aligned in memory, place and length. */
static void direct(void)
{
	disk(BLK_RW, S_IFBLK, 512);
	assert_int_equal(carry_out(VIRTIO_BLK_T_IN, 1, DATA, 512, D_WRITE),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->direct_ios, 1);
	assert_int_equal(carry_out(VIRTIO_BLK_T_OUT, 1, DATA, 1024, 0),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->direct_ios, 2);
	assert_int_equal(carry_out(VIRTIO_BLK_T_IN, 1, DATA + 4, 512, D_WRITE),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->direct_ios, 2);
}

static void direct_4096(void)
{
	disk(BLK_RW, S_IFBLK, 4096);
	assert_int_equal(carry_out(VIRTIO_BLK_T_IN, 1, DATA, 4096, D_WRITE),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(carry_out(VIRTIO_BLK_T_IN, 8, DATA, 512, D_WRITE),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->direct_ios, 0);
	assert_int_equal(carry_out(VIRTIO_BLK_T_IN, 8, DATA, 4096, D_WRITE),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(file->direct_ios, 1);
}

/* Only the owner of a file may ask that its access time stays. */
static void of_others(void)
{
	const struct config_device row = { .name = "disk0",
					   .path = "/disk0",
					   .access = BLK_RW };
	struct disk backing;

	fake_reset();
	file = fake_file("/disk0", DISK_BYTES);
	file->of_others = 1;
	disk_open(&backing, &row);
	assert_int_equal(backing.sectors, SECTORS);
	assert_int_equal(fake.log_lines, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(discard),	   TEST(write_zeroes), TEST(bad_ranges),
	TEST(bad_flags),   TEST(bad_lengths),  TEST(read_only),
	TEST(host_cannot), TEST(topology),     TEST(direct),
	TEST(direct_4096), TEST(of_others),
};

UNIT_MAIN("disk", tests)
