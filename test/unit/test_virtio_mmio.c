/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MMIO transport, version 2: what is its own, and threats part D.
 */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "dev/virtio_mmio.h"
#include "test/unit/counting.h"

static void machine(void)
{
	machine_of(VIRTIO_MMIO);
}

/* -- What is there after start ------------------------------------------- */

static void identity(void)
{
	machine();
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_VERSION), 2);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_DEVICE_ID), 42);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), NUM_MAX);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_CONFIG_GENERATION), 0);
	/* No shared memory: its length is all ones (section 4.2.2). */
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_SHM_LEN_LOW), 0xffffffff);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_SHM_LEN_HIGH), 0xffffffff);
}

static void config_is_readable_by_byte(void)
{
	uint8_t *at;

	machine();
	at = ram(WINDOW + VIRTIO_MMIO_CONFIG);
	assert_memory_equal(at, config_space, sizeof(config_space));
	assert_int_equal(at[sizeof(config_space)], 0);
}

static void reads_do_not_exit(void)
{
	const struct kvm_userspace_memory_region *slot;

	machine();
	slot = &fake.slots[fake.slot_count - 1];
	assert_int_equal(slot->guest_phys_addr, WINDOW);
	assert_int_equal(slot->flags, KVM_MEM_READONLY);
}

/* Hosts that exit nevertheless get the same answer. */
static void reads_that_exit(void)
{
	unsigned reg;

	machine();
	set_status(ACK);
	for (reg = 0; reg < 0x200; reg += 4) {
		assert_int_equal(driver_mmio_read(WINDOW + reg, 4),
				 driver_read(&d, reg));
	}
}

static void window_neighbours(void)
{
	struct mmio_access access = { .size = 4, .write = 1 };

	machine();
	assert_int_equal(mmio_dispatch(WINDOW - 4, &access), 0);
	assert_int_equal(mmio_dispatch(WINDOW + 0x1fc, &access), 1);
	assert_int_equal(mmio_dispatch(WINDOW + 0x200, &access), 0);
	assert_int_equal(mmio_dispatch(WINDOW + 0x1fe, &access), 0);
}

/* Two devices in one page, each with its own registers. */
static void two_in_one_page(void)
{
	static struct virtio_device other;
	struct config_device row = row_of(VIRTIO_MMIO);
	struct driver e = { .window = WINDOW + 0x600 };

	machine();
	row.gpa += 0x600;
	other.name = "other";
	other.type = &type;
	other.queue_size = 8;
	virtio_mmio_init(&other, &row);
	assert_int_equal(driver_read(&e, VIRTIO_MMIO_QUEUE_NUM_MAX), 8);
	driver_write(&e, VIRTIO_MMIO_STATUS, ACK);
	assert_int_equal(driver_read(&e, VIRTIO_MMIO_STATUS), ACK);
	assert_int_equal(status(), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), NUM_MAX);
}

static void too_many_transports(void)
{
	static struct virtio_device more[CONFIG_MAX_VIRTIO];
	struct config_device row = row_of(VIRTIO_MMIO);
	unsigned i;

	machine();
	for (i = 0; i < CONFIG_MAX_VIRTIO - 1; i++) {
		row.gpa += 0x200;
		more[i].name = "more";
		more[i].type = &type;
		virtio_mmio_init(&more[i], &row);
	}
	row.gpa += 0x200;
	more[i].name = "more";
	more[i].type = &type;
	assert_int_equal(EXITS(virtio_mmio_init(&more[i], &row)), EXIT_BUG);
}

/*
 * Section 4.2.2.1: "The driver writes 0 to QueueReady to stop using the queue
 * and reads it back"; Linux warns in vm_del_vq() if it then reads 1.
 */
static void queue_ready_zero(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	ask();
	assert_int_equal(notified, 0);
	assert_int_equal(quiesced, 2); /* driver_start()'s reset, and this */
	driver_start(&d, WINDOW, NUM_MAX, 0);
	ask();
	assert_int_equal(notified, 1);
}

static void interrupt_and_ack(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	device.queues[0].used_idx = 1;
	virtio_signal(&device, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_MMIO_INT_VRING);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	virtio_signal(&device, 0); /* nothing new */
	assert_int_equal(fake_spi(SPI)->rises, 1);
	/* Acknowledging what was not set leaves the rest. */
	driver_write(&d, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_CONFIG);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_MMIO_INT_VRING);
	driver_write(&d, VIRTIO_MMIO_INTERRUPT_ACK, UINT32_MAX);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	/* Not acknowledged, the next reason is an edge all the same. */
	device.queues[0].used_idx = 2;
	virtio_signal(&device, 0);
	device.queues[0].used_idx = 3;
	virtio_signal(&device, 0);
	assert_int_equal(fake_spi(SPI)->rises, 3);
}

/* -- Part D -------------------------------------------------------------- */

/* M39, M43: every offset, width and direction; read-only registers stay. */
static void every_access(void)
{
	static uint8_t before[0x200], after[0x200];
	unsigned size;
	unsigned offset;

	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	memcpy(before, ram(WINDOW), sizeof(before));
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= 0x200; offset++) {
			(void)driver_mmio_read(WINDOW + offset, size);
			if (size != 4 || offset % 4 != 0) {
				driver_mmio_write(WINDOW + offset, size,
						  UINT64_MAX);
				driver_mmio_write(WINDOW + offset, size, 0);
			}
		}
	}
	memcpy(after, ram(WINDOW), sizeof(after));
	assert_memory_equal(after, before, sizeof(before));
	assert_int_equal(notified, 0);
	assert_int_equal(quiesced, 1); /* driver_start()'s own */
}

static void read_only_registers(void)
{
	static const unsigned writable[] = {
		VIRTIO_MMIO_DEVICE_FEATURES_SEL, VIRTIO_MMIO_QUEUE_SEL,
		VIRTIO_MMIO_QUEUE_NOTIFY,	 VIRTIO_MMIO_STATUS,
		VIRTIO_MMIO_QUEUE_READY,
	};
	static uint8_t before[0x200];
	unsigned reg;
	size_t i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	memcpy(before, ram(WINDOW), sizeof(before));
	for (reg = 0; reg < 0x200; reg += 4) {
		int skip = 0;

		for (i = 0; i < 5; i++) {
			skip |= reg == writable[i];
		}
		if (!skip) {
			driver_mmio_write(WINDOW + reg, 4, 0);
			driver_mmio_write(WINDOW + reg, 4, UINT32_MAX);
			assert_memory_equal(ram(WINDOW), before,
					    sizeof(before));
		}
	}
}

/* Random register writes, 200,000 of them: alive, and works after a reset. */
static void nonsense(void)
{
	uint64_t seed = 88172645463325252ull;
	unsigned i;

	machine();
	for (i = 0; i < 200000; i++) {
		static const uint32_t values[] = {
			0,
			1,
			2,
			3,
			4,
			8,
			15,
			16,
			0x80,
			0xff,
			RAM,
			RAM + 0x1000,
			RAM + 0x2000,
			0x40ffff00,
			0xffffffff,
			0x10000,
		};

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		driver_mmio_write(WINDOW + (seed & 0x7f) * 4, 4,
				  values[seed >> 20 & 15]);
	}
	driver_start(&d, WINDOW, NUM_MAX, 0);
	notified = 0;
	ask();
	assert_int_equal(notified, 1);
}

static void modern_registers_only(void)
{
	machine();
	set_status(ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, RAM / 4096);
	assert_false(device.queues[0].ready);
}

static const struct CMUnitTest tests[] = {
	TEST(identity),
	TEST(config_is_readable_by_byte),
	TEST(reads_do_not_exit),
	TEST(reads_that_exit),
	TEST(window_neighbours),
	TEST(two_in_one_page),
	TEST(too_many_transports),
	TEST(queue_ready_zero),
	TEST(interrupt_and_ack),
	TEST(every_access),
	TEST(read_only_registers),
	TEST(nonsense),
	TEST(modern_registers_only),
};

UNIT_MAIN("virtio_mmio", tests)
