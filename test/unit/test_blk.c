/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-blk: requests, their ends, and what a hostile driver makes of them. */
#include <linux/errno.h>
#include <linux/io_uring.h>
#include <linux/magic.h>
#include <linux/virtio_blk.h>
#include <string.h>

#include "core/kvm.h"
#include "core/log.h"
#include "core/loop.h"
#include "dev/blk.h"
#include "test/unit/driver.h"

#define SECTORS 64u
#define DISK_BYTES (SECTORS * 512ull)
#define NUM 16u
#define SPI 16u
#define UNSET 0x77

#define HEADER (RAM + 0x30000)
#define DATA (RAM + 0x31000)
#define STATUS (RAM + 0x3f000)
#define TABLE (RAM + 0x60000)

#define IN VIRTIO_BLK_T_IN
#define OUT VIRTIO_BLK_T_OUT
#define FLUSH (BIT64(VIRTIO_BLK_F_FLUSH))
#define INDIRECT (BIT64(VIRTIO_RING_F_INDIRECT_DESC))
#define EVENT_IDX (BIT64(VIRTIO_RING_F_EVENT_IDX))

static struct driver d;
static struct fake_file *file;

static struct config_device row = {
	.name = "disk0",
	.gpa = WINDOW,
	.size = 0x200,
	.spi = SPI,
	.queue_size = NUM,
	.kind = DEVICE_VIRTIO_BLK,
	.transport = VIRTIO_MMIO,
	.access = BLK_RW,
	.path = "/disk0",
};

static void pattern(void)
{
	uint64_t i;

	for (i = 0; i < file->size; i++) {
		file->data[i] = (uint8_t)(i / 512 + i);
	}
}

/* A disk of that many bytes, not started. */
static void disk_of(uint64_t bytes, long fs_type)
{
	driver_machine();
	file = fake_file("/disk0", bytes);
	file->fs_type = fs_type;
	pattern();
	blk_init(&row);
}

static void disk(void)
{
	disk_of(DISK_BYTES, 0);
	driver_start(&d, WINDOW, NUM, FLUSH | INDIRECT);
}

static void disk_in_memory(void)
{
	disk_of(DISK_BYTES, TMPFS_MAGIC);
	driver_start(&d, WINDOW, NUM, FLUSH | INDIRECT);
}

static void disk_read_only(void)
{
	row.access = BLK_RO;
	disk_of(DISK_BYTES, 0);
	driver_start(&d, WINDOW, NUM, FLUSH);
}

/* What the vCPU loop does between two exits. */
static void run_loop(void)
{
	loop_before_run();
	loop_after_run();
}

static void set_header(uint64_t at, uint32_t type, uint64_t sector)
{
	struct virtio_blk_outhdr header = { .type = type, .sector = sector };

	memcpy(ram(at), &header, sizeof(header));
}

/* A request of three descriptors from i on: header, data, status. */
static void request_at(unsigned i, uint32_t type, uint64_t sector,
		       uint64_t data, uint32_t len)
{
	uint64_t header = HEADER + 16 * i;
	uint64_t status = STATUS + i;
	unsigned write = type == OUT ? 0 : D_WRITE;

	set_header(header, type, sector);
	*ram(status) = UNSET;
	driver_desc(&d, i, header, 16, D_NEXT, len ? i + 1 : i + 2);
	if (len) {
		driver_desc(&d, i + 1, data, len, D_NEXT | write, i + 2);
	}
	driver_desc(&d, i + 2, status, 1, D_WRITE, 0);
	driver_offer(&d, i);
}

/* The same, carried out to its end; the status. */
static uint8_t request(uint32_t type, uint64_t sector, uint32_t len)
{
	uint16_t before = driver_used(&d);

	request_at(0, type, sector, DATA, len);
	driver_notify(&d);
	run_loop();
	assert_int_equal((uint16_t)(driver_used(&d) - before), 1);
	assert_int_equal(driver_used_id(&d, before), 0);
	return *ram(STATUS);
}

static uint32_t used_len(void)
{
	return driver_used_len(&d, (uint16_t)(driver_used(&d) - 1));
}

static int broken(void)
{
	return (driver_read(&d, VIRTIO_MMIO_STATUS) &
		VIRTIO_CONFIG_S_NEEDS_RESET) != 0;
}

/* The driver resets, and the next request works. */
static void works_again(void)
{
	d.avail_idx = 0;
	driver_start(&d, d.window, d.num, FLUSH | INDIRECT);
	assert_int_equal(request(IN, 1, 512), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), file->data + 512, 512);
}

/* Asserts that the device broke, told so, and works after a reset. */
static void breaks(void)
{
	uint16_t used = driver_used(&d);

	driver_notify(&d);
	run_loop();
	assert_true(broken());
	assert_int_equal(driver_used(&d), used);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS) &
				 VIRTIO_MMIO_INT_CONFIG,
			 VIRTIO_MMIO_INT_CONFIG);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	works_again();
}

/* -- Start-up ------------------------------------------------------------ */

static void config_space(void)
{
	const struct virtio_blk_config *config;

	disk();
	config = (const void *)ram(WINDOW + VIRTIO_MMIO_CONFIG);
	assert_int_equal(config->capacity, SECTORS);
	assert_int_equal(config->blk_size, 512);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_DEVICE_ID),
			 VIRTIO_ID_BLOCK);
	assert_true((driver_offered(&d) & FLUSH) != 0);
	assert_true((driver_offered(&d) & BIT64(VIRTIO_BLK_F_RO)) == 0);
}

/*
 * Section 2.7.5.3.1: no chain is longer than the queue, an indirect one
 * neither; a driver of a queue of 16 must not be told that 126 data buffers
 * are welcome.
 */
static void seg_max_fits_queue(void)
{
	const struct virtio_blk_config *config;

	disk();
	config = (const void *)ram(WINDOW + VIRTIO_MMIO_CONFIG);
	assert_in_range(config->seg_max, 1, NUM - 2);
}

static void odd_size_is_rounded_down(void)
{
	const struct virtio_blk_config *config;

	disk_of(512 * 3 + 511, 0);
	config = (const void *)ram(WINDOW + VIRTIO_MMIO_CONFIG);
	assert_int_equal(config->capacity, 3);
}

static void block_device(void)
{
	const struct virtio_blk_config *config;

	driver_machine();
	file = fake_file("/disk0", DISK_BYTES);
	file->mode = S_IFBLK | 0600;
	blk_init(&row);
	config = (const void *)ram(WINDOW + VIRTIO_MMIO_CONFIG);
	assert_int_equal(config->capacity, SECTORS);
}

static void path_missing(void)
{
	driver_machine();
	assert_int_equal(EXITS(blk_init(&row)), EXIT_DISK);
	fake_one_line("disk /disk0: cannot be opened for writing (-2)");
}

static void path_not_writable(void)
{
	driver_machine();
	fake_file("/disk0", DISK_BYTES)->read_only = 1;
	assert_int_equal(EXITS(blk_init(&row)), EXIT_DISK);
	fake_one_line("disk /disk0: cannot be opened for writing (-30)");
}

static void read_only_opens_read_only(void)
{
	driver_machine();
	row.access = BLK_RO;
	file = fake_file("/disk0", DISK_BYTES);
	file->read_only = 1;
	blk_init(&row);
	assert_int_equal(file->opens, 1);
}

static void path_is_directory(void)
{
	driver_machine();
	fake_file("/disk0", DISK_BYTES)->mode = S_IFDIR | 0700;
	assert_int_equal(EXITS(blk_init(&row)), EXIT_DISK);
	fake_one_line("disk /disk0: no file or block device of at least 512");
}

static void disk_too_small(void)
{
	driver_machine();
	fake_file("/disk0", 511);
	assert_int_equal(EXITS(blk_init(&row)), EXIT_DISK);
	fake_one_line("at least 512 bytes");
}

/* -- Good requests ------------------------------------------------------- */

static void read_and_write(void)
{
	disk();
	assert_int_equal(request(IN, 3, 1024), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), file->data + 3 * 512, 1024);
	assert_int_equal(used_len(), 1025);
	memset(ram(DATA), 0xc3, 512);
	assert_int_equal(request(OUT, 5, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(used_len(), 1);
	assert_int_equal(file->data[5 * 512 - 1], (uint8_t)(4 + 5 * 512 - 1));
	assert_int_equal(file->data[5 * 512], 0xc3);
	assert_int_equal(file->data[6 * 512 - 1], 0xc3);
	assert_int_equal(file->data[6 * 512], (uint8_t)(6 + 6 * 512));
	assert_int_equal(fake_spi(SPI)->rises, 2);
	assert_int_equal(fake.log_lines, 0);
}

static void on_the_spot(void)
{
	unsigned submitted;

	disk_in_memory();
	submitted = fake.submitted;
	request_at(0, IN, 3, DATA, 1024);
	driver_notify(&d);
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), file->data + 3 * 512, 1024);
	assert_int_equal(used_len(), 1025);
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(fake.submitted - submitted, 1); /* the kick */
	assert_int_equal(fake_spi(SPI)->rises, 2);
}

/* /dev/vda is in devtmpfs, whose type is tmpfs's; its data are elsewhere. */
static void device_node_in_tmpfs(void)
{
	driver_machine();
	file = fake_file("/disk0", DISK_BYTES);
	file->mode = S_IFBLK | 0600;
	file->fs_type = TMPFS_MAGIC;
	pattern();
	blk_init(&row);
	driver_start(&d, WINDOW, NUM, 0);
	fake.hold_io = 1;
	request_at(0, OUT, 3, DATA, 512);
	driver_notify(&d);
	run_loop();
	assert_int_equal(driver_used(&d), 0);
	assert_int_equal(fake_complete_one(), 1);
	run_loop();
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(file->durable, 1);
}

/* Not on the spot: the exit returns before the host has done it. */
static void asynchronous(void)
{
	disk();
	fake.hold_io = 1;
	request_at(0, IN, 3, DATA, 512);
	driver_notify(&d);
	run_loop();
	assert_int_equal(driver_used(&d), 0);
	assert_int_equal(*ram(STATUS), UNSET);
	assert_int_equal(fake_complete_one(), 1);
	run_loop();
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_OK);
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

static void end_of_disk(void)
{
	disk();
	assert_int_equal(request(IN, SECTORS - 1, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(IN, SECTORS - 2, 1024), VIRTIO_BLK_S_OK);
	assert_int_equal(request(IN, 0, DISK_BYTES), VIRTIO_BLK_S_OK);
}

static void flush(void)
{
	disk();
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(file->syncs, 1);
	assert_int_equal(used_len(), 1);
}

static void flush_fails(void)
{
	disk();
	file->io_error = -EIO;
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_IOERR);
}

/* A driver that cannot flush gets write-through (section 5.2.6.2). */
static void write_through(void)
{
	disk_of(DISK_BYTES, 0);
	driver_start(&d, WINDOW, NUM, 0);
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(file->durable, 1);
}

static void write_back(void)
{
	disk();
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(file->durable, 0);
}

static void get_id(void)
{
	static const char name[20] = "disk0";

	disk();
	memset(ram(DATA), 0xff, 64);
	assert_int_equal(request(VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), name, 20);
	assert_int_equal(*ram(DATA + 20), 0xff);
	assert_int_equal(used_len(), 21);
}

static void get_id_short(void)
{
	disk();
	memset(ram(DATA), 0xff, 64);
	assert_int_equal(request(VIRTIO_BLK_T_GET_ID, 0, 3), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), "dis\xff", 4);
	assert_int_equal(used_len(), 4);
}

static void get_id_long(void)
{
	disk();
	memset(ram(DATA), 0xff, 512);
	assert_int_equal(request(VIRTIO_BLK_T_GET_ID, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(*ram(DATA + 20), 0xff);
	assert_int_equal(used_len(), 21);
}

/* M29: a header in 16 pieces, data and status behind it. */
static void header_in_pieces(void)
{
	unsigned i;

	disk();
	d.num = NUM;
	set_header(HEADER, IN, 7);
	*ram(STATUS) = UNSET;
	for (i = 0; i < 16; i++) {
		driver_desc_at(TABLE, i, HEADER + i, 1, D_NEXT, i + 1);
	}
	driver_desc_at(TABLE, 16, DATA, 512, D_NEXT | D_WRITE, 17);
	driver_desc_at(TABLE, 17, STATUS, 1, D_WRITE, 0);
	driver_desc(&d, 0, TABLE, 16 * 18, D_INDIRECT, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), file->data + 7 * 512, 512);
	assert_int_equal(used_len(), 513);
}

/* Section 2.7.4.2: no assumption on how buffers are divided. */
static void header_and_data_in_one(void)
{
	disk();
	set_header(DATA, OUT, 2);
	memset(ram(DATA + 16), 0x3c, 512);
	driver_desc(&d, 0, DATA, 16 + 512, D_NEXT, 1);
	driver_desc(&d, 1, STATUS, 1, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_OK);
	assert_int_equal(file->data[2 * 512], 0x3c);
	assert_int_equal(file->data[3 * 512 - 1], 0x3c);
	assert_int_equal(file->data[3 * 512], (uint8_t)(3 + 3 * 512));
}

static void data_and_status_in_one(void)
{
	disk();
	set_header(HEADER, IN, 2);
	memset(ram(DATA), UNSET, 520);
	driver_desc(&d, 0, HEADER, 16, D_NEXT, 1);
	driver_desc(&d, 1, DATA, 513, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	assert_int_equal(*ram(DATA + 512), VIRTIO_BLK_S_OK);
	assert_int_equal(*ram(DATA + 513), UNSET);
	assert_memory_equal(ram(DATA), file->data + 1024, 512);
	assert_int_equal(used_len(), 513);
}

/* M22: data that ends with the last byte of RAM. */
static void data_at_the_end_of_ram(void)
{
	disk();
	request_at(0, IN, 0, RAM_END - 512, 512);
	driver_notify(&d);
	run_loop();
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(RAM_END - 512), file->data, 512);
}

/* Many at once, ended in another order than they came. */
static void many_in_flight(void)
{
	unsigned i;

	disk();
	fake.hold_io = 1;
	for (i = 0; i < 5; i++) {
		request_at(3 * i, IN, i, DATA + 512 * i, 512);
	}
	driver_notify(&d);
	run_loop();
	assert_int_equal(driver_used(&d), 0);
	assert_int_equal(fake_pending_of(IORING_OP_READV), 6); /* and kick */
	fake.hold_io = 0;
	fake_progress();
	run_loop();
	assert_int_equal(driver_used(&d), 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(*ram(STATUS + 3 * i), VIRTIO_BLK_S_OK);
	}
	assert_memory_equal(ram(DATA), file->data, 5 * 512);
}

/* The same in a packed ring: one used descriptor for the three of each. */
static void packed_ring_in_flight(void)
{
	struct vring_packed_desc used;
	unsigned i;

	disk_of(DISK_BYTES, 0);
	driver_start(&d, WINDOW, NUM - 1, BIT64(VIRTIO_F_RING_PACKED));
	memset(ram(d.desc), 0, 16 * NUM);
	fake.hold_io = 1;
	for (i = 0; i < 2; i++) {
		set_header(HEADER + 16 * i, IN, 5 + i);
		*ram(STATUS + i) = UNSET;
		driver_desc(&d, 3 * i, HEADER + 16 * i, 16, 0,
			    D_NEXT | 1u << VRING_PACKED_DESC_F_AVAIL);
		driver_desc(&d, 3 * i + 1, DATA + 512 * i, 512, 0,
			    D_NEXT | D_WRITE | 1u << VRING_PACKED_DESC_F_AVAIL);
		driver_desc(&d, 3 * i + 2, STATUS + i, 1, 9 + i,
			    D_WRITE | 1u << VRING_PACKED_DESC_F_AVAIL);
	}
	driver_notify(&d);
	run_loop();
	assert_int_equal(*ram(STATUS), UNSET);
	fake.hold_io = 0;
	fake_progress();
	run_loop();
	for (i = 0; i < 2; i++) {
		memcpy(&used, ram(d.desc + 16 * 3 * i), sizeof(used));
		assert_int_equal(used.flags & ~D_WRITE,
				 1u << VRING_PACKED_DESC_F_AVAIL |
					 1u << VRING_PACKED_DESC_F_USED);
		assert_in_range(used.id, 9, 10);
		assert_int_equal(used.len, 513);
		assert_int_equal(*ram(STATUS + i), VIRTIO_BLK_S_OK);
	}
	assert_memory_equal(ram(DATA), file->data + 5 * 512, 1024);
}

/*
 * The iovecs of one exit share an arena; a full ring of the longest chains
 * must not tread on those that were not submitted yet.
 */
static void long_chains_in_one_exit(void)
{
	const unsigned parts = 64;
	unsigned r, i;

	row.queue_size = 16;
	disk_of(1 << 20, 0);
	driver_start(&d, WINDOW, NUM, FLUSH | INDIRECT);
	memset(ram(RAM + 0x100000), 0, 0x80000);
	for (r = 0; r < NUM; r++) {
		uint64_t table = TABLE + 0x1000 * r;
		uint64_t data = RAM + 0x100000 + 0x8000ull * r;

		set_header(HEADER + 16 * r, IN, parts * r);
		*ram(STATUS + r) = UNSET;
		driver_desc_at(table, 0, HEADER + 16 * r, 16, D_NEXT, 1);
		for (i = 0; i < parts; i++) {
			driver_desc_at(table, 1 + i, data + 512 * i, 512,
				       D_NEXT | D_WRITE, 2 + i);
		}
		driver_desc_at(table, 1 + i, STATUS + r, 1, D_WRITE, 0);
		driver_desc(&d, r, table, 16 * (2 + parts), D_INDIRECT, 0);
		driver_offer(&d, r);
	}
	fake.hold_io = 1;
	driver_notify(&d);
	run_loop();
	while (fake_complete_one()) {
	}
	run_loop();
	assert_int_equal(driver_used(&d), NUM);
	for (r = 0; r < NUM; r++) {
		assert_int_equal(*ram(STATUS + r), VIRTIO_BLK_S_OK);
		assert_memory_equal(ram(RAM + 0x100000 + 0x8000ull * r),
				    file->data + 512ull * parts * r,
				    512 * parts);
	}
}

/* -- Bad requests that get a status -------------------------------------- */

static void unknown_types(void)
{
	static const uint32_t types[] = {
		2, 3, 5, 6, 7, 9, 14, 0x80000000, UINT32_MAX,
	};
	size_t i;

	disk();
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		memset(ram(DATA), UNSET, 512);
		assert_int_equal(request(types[i], 0, 512),
				 VIRTIO_BLK_S_UNSUPP);
		assert_int_equal(used_len(), 1);
		assert_int_equal(*ram(DATA), UNSET);
	}
	assert_int_equal(file->reads + file->writes, 0);
	assert_false(broken());
}

/* M32 */
static void write_read_only(void)
{
	disk_read_only();
	assert_true((driver_offered(&d) & BIT64(VIRTIO_BLK_F_RO)) != 0);
	memset(ram(DATA), 0xdd, 512);
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(file->writes, 0);
	assert_int_equal(file->data[0], 0);
	assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_OK);
}

/* M31: sector 2^64-1, a product that wraps, past the end, odd lengths. */
static void out_of_range(void)
{
	static const struct {
		uint64_t sector;
		uint32_t len;
	} bad[] = {
		{ UINT64_MAX, 512 },
		{ SECTORS, 512 },
		{ SECTORS - 1, 1024 },
		{ SECTORS + 1, 512 },
		{ 1ull << 55, 512 },
		{ (1ull << 55) + 1, 512 },
		{ UINT64_MAX / 512, 512 },
		{ UINT64_MAX - 1, 1024 },
		{ 0, DISK_BYTES + 512 },
		{ 0, 1 },
		{ 0, 511 },
		{ 0, 513 },
		{ 0, 0 },
		{ SECTORS, 0 },
	};
	size_t i;

	disk();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(request(IN, bad[i].sector, bad[i].len),
				 VIRTIO_BLK_S_IOERR);
		assert_int_equal(used_len(), 1);
		assert_int_equal(request(OUT, bad[i].sector, bad[i].len),
				 VIRTIO_BLK_S_IOERR);
		assert_int_equal(used_len(), 1);
	}
	assert_int_equal(file->reads + file->writes, 0);
	assert_false(broken());
}

static void host_error(void)
{
	disk();
	file->io_error = -EIO;
	assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_IOERR);
	fake_one_line("disk0: host answered -5 for 512 bytes");
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	file->io_error = -ENOSPC; /* F06 */
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	file->io_error = 0;
	assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_OK);
	assert_false(broken());
}

static void host_error_on_the_spot(void)
{
	disk_in_memory();
	file->io_error = -EIO;
	assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_IOERR);
	file->io_error = -ENOSPC;
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	file->io_error = 0;
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_OK);
}

/* F08, F09: fewer bytes than asked for, in both directions. */
static void short_transfer(void)
{
	disk();
	file->io_max = 511;
	assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(used_len(), 1);
	assert_int_equal(request(OUT, 0, 512), VIRTIO_BLK_S_IOERR);
}

/* The disk shrinks while the guest runs. */
static void shrunk(void)
{
	disk();
	file->size = 512;
	assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(IN, 0, 1024), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(IN, 1, 512), VIRTIO_BLK_S_IOERR);
}

static void shrunk_on_the_spot(void)
{
	disk_in_memory();
	file->size = 512;
	assert_int_equal(request(IN, 0, 1024), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(IN, 1, 512), VIRTIO_BLK_S_IOERR);
}

/*
 * 6 GiB - 4 KiB in one request, made of one buffer many times over. Its bytes
 * do not fit 32 bits, and Linux moves at most 2 GiB - 4 KiB at once
 * (MAX_RW_COUNT): that short answer must not pass for success.
 */
static void huge_request(void)
{
	static const struct config_partition partition = {
		.ram = { { RAM, 0x8000000, RAM_LAZY } },
	};
	static uint8_t immediate_exit;
	const unsigned parts = 48;
	const int most = 0x7ffff000;
	unsigned i;

	fake_reset();
	kvm_init();
	mem_init(&partition);
	loop_init(&immediate_exit);
	file = fake_file("/disk0", 0);
	file->mode = S_IFBLK;
	file->size = 1ull << 40;
	blk_init(&row);
	driver_start(&d, WINDOW, NUM, FLUSH | INDIRECT);
	fake.hold_io = 1;
	set_header(HEADER, IN, 0);
	*ram(STATUS) = UNSET;
	driver_desc_at(TABLE, 0, HEADER, 16, D_NEXT, 1);
	for (i = 1; i <= parts; i++) {
		driver_desc_at(TABLE, i, RAM,
			       i == parts ? 0x8000000 - 4096 : 0x8000000,
			       D_NEXT | D_WRITE, i + 1);
	}
	driver_desc_at(TABLE, i, STATUS, 1, D_WRITE, 0);
	driver_desc(&d, 0, TABLE, 16 * (parts + 2), D_INDIRECT, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	if (*ram(STATUS) == UNSET) {
		assert_int_equal(fake_complete_with(most), 1);
		run_loop();
	}
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_IOERR);
}

/* 1,000 errors: ten lines a second (M67). */
static void log_flood(void)
{
	unsigned i;

	disk();
	file->io_error = -EIO;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(request(IN, 0, 512), VIRTIO_BLK_S_IOERR);
	}
	assert_int_equal(fake.log_lines, 10);
}

/* -- Bad requests that break the queue ----------------------------------- */

/* M29: 0 and 15 bytes. */
static void header_missing(void)
{
	disk();
	driver_desc(&d, 0, STATUS, 1, D_WRITE, 0);
	driver_offer(&d, 0);
	breaks();
}

static void header_short(void)
{
	disk();
	driver_desc(&d, 0, HEADER, 15, D_NEXT, 1);
	driver_desc(&d, 1, STATUS, 1, D_WRITE, 0);
	driver_offer(&d, 0);
	breaks();
}

/* 17: one byte of data, which is no sector. */
static void header_long(void)
{
	disk();
	set_header(HEADER, OUT, 0);
	*ram(STATUS) = UNSET;
	driver_desc(&d, 0, HEADER, 17, D_NEXT, 1);
	driver_desc(&d, 1, STATUS, 1, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_IOERR);
	assert_false(broken());
}

/* M30 */
static void status_missing(void)
{
	disk();
	set_header(HEADER, OUT, 0);
	driver_desc(&d, 0, HEADER, 16, D_NEXT, 1);
	driver_desc(&d, 1, DATA, 512, 0, 0);
	driver_offer(&d, 0);
	breaks();
	assert_int_equal(file->writes, 0);
}

static void readable_after_writable(void)
{
	disk();
	set_header(HEADER, IN, 0);
	driver_desc(&d, 0, STATUS, 1, D_NEXT | D_WRITE, 1);
	driver_desc(&d, 1, HEADER, 16, 0, 0);
	driver_offer(&d, 0);
	breaks();
}

static void broken_chain(void)
{
	disk();
	driver_desc(&d, 0, HEADER, 16, D_NEXT, 0);
	driver_offer(&d, 0);
	breaks();
}

/* M38, M19: the same head while the first is in flight. */
static void same_head_in_flight(void)
{
	disk();
	fake.hold_io = 1;
	request_at(0, IN, 0, DATA, 512);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	assert_true(broken());
	assert_int_equal(fake_spi(SPI)->rises, 1);
	fake.hold_io = 0;
	works_again();
}

/* What came before the bad one was begun, and ends. */
static void good_then_bad(void)
{
	disk();
	request_at(0, IN, 0, DATA, 512);
	driver_desc(&d, 3, HEADER, 16, D_NEXT, 3);
	driver_offer(&d, 3);
	driver_notify(&d);
	run_loop();
	assert_true(broken());
	assert_int_equal(*ram(STATUS), VIRTIO_BLK_S_OK);
	works_again();
}

/* -- Reset --------------------------------------------------------------- */

/* M11: no write to guest memory after the reset. */
static void reset_in_flight(void)
{
	static uint8_t before[RAM_BYTES];

	disk();
	fake.hold_io = 1;
	request_at(0, IN, 0, DATA, 512);
	request_at(3, IN, 1, DATA + 512, 512);
	driver_notify(&d);
	run_loop();
	driver_write(&d, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS), 0);
	assert_int_equal(fake_complete_one(), 0); /* all have ended */
	memcpy(before, ram(RAM), RAM_BYTES);
	run_loop();
	assert_memory_equal(before, ram(RAM), RAM_BYTES);
	assert_int_equal(driver_used(&d), 0);
	assert_int_equal(fake_spi(SPI)->rises, 0);
	fake.hold_io = 0;
	works_again();
}

/* Not even submitted when the reset comes. */
static void reset_before_submission(void)
{
	disk();
	fake.hold_io = 1;
	request_at(0, IN, 0, DATA, 512);
	driver_notify(&d);
	driver_write(&d, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(fake_complete_one(), 0);
	assert_int_equal(driver_used(&d), 0);
	fake.hold_io = 0;
	works_again();
}

static void stop_queue_in_flight(void)
{
	disk();
	fake.hold_io = 1;
	request_at(0, IN, 0, DATA, 512);
	driver_notify(&d);
	run_loop();
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(fake_complete_one(), 0);
	assert_int_equal(driver_used(&d), 0);
	fake.hold_io = 0;
	works_again();
}

/* M11: 10,000 times. */
static void reset_many_times(void)
{
	unsigned i;

	disk();
	for (i = 0; i < 10000; i++) {
		fake.hold_io = 1;
		request_at(0, IN, 0, DATA, 512);
		driver_notify(&d);
		if (i & 1) {
			run_loop();
		}
		driver_start(&d, WINDOW, NUM, FLUSH | INDIRECT);
	}
	fake.hold_io = 0;
	assert_int_equal(fake_pending(), 1); /* the kick */
	works_again();
}

/* A new life of the queue does not remember the old one's heads. */
static void same_head_after_reset(void)
{
	disk();
	fake.hold_io = 1;
	request_at(0, IN, 0, DATA, 512);
	driver_notify(&d);
	run_loop();
	driver_start(&d, WINDOW, NUM, FLUSH);
	fake.hold_io = 0;
	assert_int_equal(request(IN, 2, 512), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), file->data + 1024, 512);
}

/* -- Event index --------------------------------------------------------- */

/*
 * A full ring of requests in one notification. When the device has taken them
 * all it must ask to be told of the next one: a driver whose avail_event is
 * left behind does not notify (2.7.10), and both sides wait for ever.
 */
static void full_ring_asks_for_the_next(void)
{
	unsigned r;

	disk_of(DISK_BYTES, 0);
	driver_start(&d, WINDOW, NUM, FLUSH | INDIRECT | EVENT_IDX);
	for (r = 0; r < NUM; r++) {
		uint64_t table = TABLE + 0x100 * r;

		set_header(HEADER + 16 * r, IN, r);
		driver_desc_at(table, 0, HEADER + 16 * r, 16, D_NEXT, 1);
		driver_desc_at(table, 1, DATA + 512 * r, 512, D_NEXT | D_WRITE,
			       2);
		driver_desc_at(table, 2, STATUS + r, 1, D_WRITE, 0);
		driver_desc(&d, r, table, 48, D_INDIRECT, 0);
		driver_offer(&d, r);
	}
	driver_notify(&d);
	run_loop();
	assert_int_equal(driver_used(&d), NUM);
	assert_int_equal(driver_avail_event(&d), NUM);
}

/* An interrupt only when the driver's used_event is passed. */
static void interrupts_by_event_index(void)
{
	disk_of(DISK_BYTES, 0);
	driver_start(&d, WINDOW, NUM, FLUSH | EVENT_IDX);
	driver_used_event(&d, 2); /* after the third */
	request_at(0, IN, 0, DATA, 512);
	driver_notify(&d);
	run_loop();
	request_at(3, IN, 0, DATA, 512);
	driver_notify(&d);
	run_loop();
	assert_int_equal(driver_used(&d), 2);
	assert_int_equal(fake_spi(SPI)->rises, 0);
	request_at(6, IN, 0, DATA, 512);
	driver_notify(&d);
	run_loop();
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

/* -- Version 1 ----------------------------------------------------------- */

static void legacy(void)
{
	uint64_t at = RAM + 0x10000;

	row.transport = VIRTIO_MMIO_LEGACY;
	disk_of(DISK_BYTES, 0);
	d.window = WINDOW;
	d.num = NUM;
	d.desc = at;
	d.avail = at + 16 * NUM;
	d.used = at + 4096;
	driver_write(&d, VIRTIO_MMIO_STATUS, ALIVE);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)FLUSH);
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM);
	driver_write(&d, VIRTIO_MMIO_QUEUE_ALIGN, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)(at / 4096));
	driver_write(&d, VIRTIO_MMIO_STATUS, ALIVE | VIRTIO_CONFIG_S_DRIVER_OK);
	assert_int_equal(request(IN, 9, 512), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA), file->data + 9 * 512, 512);
}

/* -- Two disks ----------------------------------------------------------- */

/* One broken disk leaves the other alone. */
static void another_disk(void)
{
	struct config_device second = row;
	struct driver e = { 0 };
	struct fake_file *other;

	disk();
	second.name = "disk1";
	second.path = "/disk1";
	second.gpa += 0x200;
	second.spi++;
	other = fake_file("/disk1", DISK_BYTES);
	memset(other->data, 0x11, DISK_BYTES);
	blk_init(&second);
	driver_start(&e, WINDOW + 0x200, NUM, FLUSH);
	driver_desc(&d, 0, HEADER, 16, D_NEXT, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_true(broken());
	set_header(HEADER, IN, 0);
	driver_desc(&e, 0, HEADER, 16, D_NEXT, 1);
	driver_desc(&e, 1, DATA, 512, D_NEXT | D_WRITE, 2);
	driver_desc(&e, 2, STATUS, 1, D_WRITE, 0);
	driver_offer(&e, 0);
	driver_notify(&e);
	run_loop();
	assert_int_equal(driver_used(&e), 1);
	assert_int_equal(*ram(DATA), 0x11);
	assert_int_equal(fake_spi(SPI + 1)->rises, 1);
	assert_int_equal(file->reads, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(config_space),
	TEST(seg_max_fits_queue),
	TEST(odd_size_is_rounded_down),
	TEST(block_device),
	TEST(path_missing),
	TEST(path_not_writable),
	TEST(read_only_opens_read_only),
	TEST(path_is_directory),
	TEST(disk_too_small),
	TEST(read_and_write),
	TEST(on_the_spot),
	TEST(device_node_in_tmpfs),
	TEST(asynchronous),
	TEST(end_of_disk),
	TEST(flush),
	TEST(flush_fails),
	TEST(write_through),
	TEST(write_back),
	TEST(get_id),
	TEST(get_id_short),
	TEST(get_id_long),
	TEST(header_in_pieces),
	TEST(header_and_data_in_one),
	TEST(data_and_status_in_one),
	TEST(data_at_the_end_of_ram),
	TEST(many_in_flight),
	TEST(packed_ring_in_flight),
	TEST(long_chains_in_one_exit),
	TEST(unknown_types),
	TEST(write_read_only),
	TEST(out_of_range),
	TEST(host_error),
	TEST(host_error_on_the_spot),
	TEST(short_transfer),
	TEST(shrunk),
	TEST(shrunk_on_the_spot),
	TEST(huge_request),
	TEST(log_flood),
	TEST(header_missing),
	TEST(header_short),
	TEST(header_long),
	TEST(status_missing),
	TEST(readable_after_writable),
	TEST(broken_chain),
	TEST(same_head_in_flight),
	TEST(good_then_bad),
	TEST(reset_in_flight),
	TEST(reset_before_submission),
	TEST(stop_queue_in_flight),
	TEST(reset_many_times),
	TEST(same_head_after_reset),
	TEST(full_ring_asks_for_the_next),
	TEST(interrupts_by_event_index),
	TEST(legacy),
	TEST(another_disk),
};

UNIT_MAIN("blk", tests)
