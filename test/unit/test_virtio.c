/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status machine and both versions of the MMIO transport, with a device
 * that only counts: threats parts A and D.
 */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "dev/virtio_mmio.h"
#include "test/unit/driver.h"

#define NUM_MAX 16u
#define SPI 16u
#define DATA (RAM + 0x50000)
#define OFFERED_FEATURE 5 /* a feature bit of the device */

#define ACK VIRTIO_CONFIG_S_ACKNOWLEDGE
#define DRIVER VIRTIO_CONFIG_S_DRIVER
#define DRIVER_OK VIRTIO_CONFIG_S_DRIVER_OK
#define FEATURES_OK VIRTIO_CONFIG_S_FEATURES_OK
#define NEEDS_RESET VIRTIO_CONFIG_S_NEEDS_RESET
#define FAILED VIRTIO_CONFIG_S_FAILED

static unsigned notified, quiesced;
static struct virtio_device device;
static const uint8_t config_space[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
static struct driver d;
static int never_enough; /* each request makes another one available */

/* Requests of one readable byte; 0xbb is none. */
static int on_request(struct virtio_device *dev, unsigned q,
		      struct virtq_chain *chain)
{
	assert_ptr_equal(dev, &device);
	assert_int_equal(q, 0);
	assert_true(dev->queues[q].ready);
	notified++;
	if (*(uint8_t *)chain->iov[0].base == 0xbb) {
		return -EPROTO;
	}
	virtqueue_push(&dev->queues[q], chain->head, 0);
	if (never_enough) {
		driver_offer(&d, chain->head);
	}
	return 0;
}

static void on_quiesce(struct virtio_device *dev, unsigned q)
{
	assert_ptr_equal(dev, &device);
	assert_int_equal(q, 0);
	quiesced++;
}

static const struct virtio_type type = {
	.id = 42,
	.queues = 1,
	.request = on_request,
	.quiesce = on_quiesce,
};

static struct config_device row_of(enum virtio_transport transport)
{
	struct config_device row = {
		.name = "unit0",
		.gpa = WINDOW,
		.size = 0x200,
		.spi = SPI,
		.transport = (uint8_t)transport,
		.queue_size = NUM_MAX,
	};

	return row;
}

static void machine_of(enum virtio_transport transport)
{
	struct config_device row = row_of(transport);

	driver_machine();
	device.name = row.name;
	device.type = &type;
	device.config = config_space;
	device.config_bytes = sizeof(config_space);
	device.queue_size = row.queue_size;
	device.offered = BIT64(OFFERED_FEATURE);
	virtio_mmio_init(&device, &row);
	d.window = WINDOW;
	d.num = NUM_MAX;
	d.desc = RAM + 0x10000;
	d.avail = d.desc + 16 * NUM_MAX;
	d.used = RAM + 0x11000;
	d.avail_idx = 0;
}

static void machine(void)
{
	machine_of(VIRTIO_MMIO);
}

/* One request, where the driver's rings are, and a notification of it. */
static void ask(void)
{
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
}

static uint32_t status(void)
{
	uint32_t value = driver_read(&d, VIRTIO_MMIO_STATUS);

	assert_int_equal(value, device.status);
	return value;
}

static uint32_t set_status(uint32_t value)
{
	driver_write(&d, VIRTIO_MMIO_STATUS, value);
	return status();
}

static void accept_features(uint64_t features)
{
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES,
		     (uint32_t)(features >> 32));
}

#define V1 BIT64(VIRTIO_F_VERSION_1)

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

/* -- Features ------------------------------------------------------------ */

static void offered(void)
{
	machine();
	assert_int_equal(driver_offered(&d),
			 BIT64(OFFERED_FEATURE) | V1 |
				 BIT64(VIRTIO_F_RING_RESET) |
				 BIT64(VIRTIO_F_RING_PACKED) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX));
}

/* M10: feature words behind the last. */
static void feature_words(void)
{
	static const uint32_t words[] = { 2,  3,  31,	      32,
					  63, 64, 0x80000000, UINT32_MAX };
	uint64_t before;
	size_t i;

	machine();
	set_status(ACK);
	set_status(ACK | DRIVER);
	accept_features(V1);
	before = device.accepted;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, words[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_DEVICE_FEATURES),
				 0);
		driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, words[i]);
		driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, UINT32_MAX);
		assert_int_equal(device.accepted, before);
	}
}

static uint32_t negotiate(uint64_t features)
{
	set_status(0);
	set_status(ACK);
	set_status(ACK | DRIVER);
	accept_features(features);
	return set_status(ACK | DRIVER | FEATURES_OK);
}

/* M10: what was not offered, each bit of it. */
static void features_not_offered(void)
{
	uint64_t have;
	unsigned bit;

	machine();
	have = driver_offered(&d);
	for (bit = 0; bit < 64; bit++) {
		uint32_t got = negotiate(V1 | BIT64(bit));

		assert_int_equal(got, (have & BIT64(bit)) != 0 ?
					      ACK | DRIVER | FEATURES_OK :
					      ACK | DRIVER);
	}
}

static void features_without_version_1(void)
{
	machine();
	assert_int_equal(negotiate(0), ACK | DRIVER);
	assert_int_equal(negotiate(BIT64(OFFERED_FEATURE)), ACK | DRIVER);
	assert_int_equal(negotiate(V1), ACK | DRIVER | FEATURES_OK);
}

static void features_frozen(void)
{
	machine();
	negotiate(V1);
	accept_features(V1 | BIT64(OFFERED_FEATURE));
	assert_int_equal(device.accepted, V1);
	set_status(RUNNING);
	accept_features(UINT64_MAX);
	assert_int_equal(device.accepted, V1);
}

/* A refused set can be corrected. */
static void features_second_try(void)
{
	machine();
	assert_int_equal(negotiate(UINT64_MAX), ACK | DRIVER);
	accept_features(V1);
	assert_int_equal(set_status(ACK | DRIVER | FEATURES_OK),
			 ACK | DRIVER | FEATURES_OK);
}

/* -- Status -------------------------------------------------------------- */

static void status_steps(void)
{
	machine();
	assert_int_equal(set_status(ACK), ACK);
	assert_int_equal(set_status(ACK | DRIVER), ACK | DRIVER);
	accept_features(V1);
	assert_int_equal(set_status(ACK | DRIVER | FEATURES_OK),
			 ACK | DRIVER | FEATURES_OK);
	assert_int_equal(set_status(RUNNING), RUNNING);
	assert_int_equal(virtio_live(&device), 1);
	assert_int_equal(set_status(0), 0);
	assert_int_equal(virtio_live(&device), 0);
	assert_int_equal(quiesced, 1);
}

/* M08 */
static void driver_ok_without_features_ok(void)
{
	machine();
	assert_int_equal(set_status(ACK | DRIVER | DRIVER_OK), ACK | DRIVER);
	assert_int_equal(virtio_live(&device), 0);
}

static void driver_ok_with_refused_features(void)
{
	machine();
	set_status(ACK | DRIVER);
	accept_features(UINT64_MAX);
	assert_int_equal(set_status(RUNNING), ACK | DRIVER);
	assert_int_equal(virtio_live(&device), 0);
}

/* M08: bits are only added. */
static void status_bits_stay(void)
{
	machine();
	negotiate(V1);
	set_status(RUNNING);
	assert_int_equal(set_status(ACK), RUNNING);
	assert_int_equal(set_status(RUNNING & ~(uint32_t)DRIVER_OK), RUNNING);
	assert_int_equal(set_status(RUNNING & ~(uint32_t)FEATURES_OK), RUNNING);
	assert_int_equal(virtio_live(&device), 1);
}

/* M08: FAILED, then on. */
static void status_failed(void)
{
	machine();
	negotiate(V1);
	assert_int_equal(set_status(RUNNING | FAILED), RUNNING | FAILED);
	assert_int_equal(set_status(0), 0);
	assert_int_equal(negotiate(V1), ACK | DRIVER | FEATURES_OK);
}

static void status_wide(void)
{
	machine();
	assert_int_equal(set_status(0xffffff00 | ACK), ACK);
	assert_int_equal(set_status(0xffffff00), 0); /* bytes 1-3 are none */
	assert_int_equal(quiesced, 1);
}

/* The device alone says NEEDS_RESET. */
static void needs_reset_is_not_the_drivers(void)
{
	machine();
	assert_int_equal(set_status(ACK | NEEDS_RESET), ACK);
	assert_int_equal(set_status(ACK | DRIVER | NEEDS_RESET), ACK | DRIVER);
}

static void broken(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	virtio_break(&device, "a reason");
	assert_int_equal(status(), RUNNING | NEEDS_RESET);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_MMIO_INT_CONFIG);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	fake_one_line("unit0: a reason");
	/* The driver cannot clear it, nor go on. */
	assert_int_equal(set_status(RUNNING), RUNNING | NEEDS_RESET);
	ask();
	assert_int_equal(notified, 0);
	/* Once is enough. */
	virtio_break(&device, "again");
	assert_int_equal(fake_spi(SPI)->rises, 1);
	assert_int_equal(fake.log_lines, 1);
	/* After a reset it works. */
	driver_start(&d, WINDOW, NUM_MAX, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	ask();
	assert_int_equal(notified, 1);
}

static void broken_before_driver_ok(void)
{
	machine();
	set_status(ACK);
	virtio_break(&device, "never");
	assert_int_equal(status(), ACK);
	assert_int_equal(fake_spi(SPI)->calls, 0);
}

/* M67: quiesced and breaks in a loop do not flood the log. */
static void log_flood(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 1000; i++) {
		driver_start(&d, WINDOW, NUM_MAX, 0);
		virtio_break(&device, "flood");
	}
	assert_int_equal(fake.log_lines, 10);
}

/* -- Queues -------------------------------------------------------------- */

/* M01, M02: queues that the device does not have. */
static void queue_select(void)
{
	static const uint32_t none[] = { 1,	  2,	      255,	 0xffff,
					 0x10000, 0x80000000, UINT32_MAX };
	struct virtio_device before;
	size_t i;
	unsigned reg;

	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	before = device;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, none[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
		for (reg = VIRTIO_MMIO_QUEUE_NUM; reg < VIRTIO_MMIO_CONFIG;
		     reg += 4) {
			if (reg != VIRTIO_MMIO_STATUS &&
			    reg != VIRTIO_MMIO_INTERRUPT_ACK) {
				driver_write(&d, reg, none[i]);
				driver_write(&d, reg, 1);
			}
		}
		assert_memory_equal(&device.queues, &before.queues,
				    sizeof(device.queues));
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	}
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), NUM_MAX);
}

static void notify_other_queues(void)
{
	static const uint32_t none[] = { 1, 2, 0xffff, 0x10000, UINT32_MAX };
	size_t i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	driver_desc(&d, 1, DATA, 1, 0, 0);
	driver_offer(&d, 1);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_QUEUE_NOTIFY, none[i]);
	}
	assert_int_equal(notified, 0);
	driver_notify(&d);
	assert_int_equal(notified, 1);
}

/* M09 */
static void notify_too_early(void)
{
	machine();
	ask();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	ask();
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	ask(); /* not DRIVER_OK yet */
	assert_int_equal(notified, 0);
	set_status(RUNNING);
	ask();
	assert_int_equal(notified, 3);
	set_status(0);
	ask();
	assert_int_equal(notified, 3);
}

static void notify_without_ready(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	set_status(RUNNING);
	ask();
	assert_int_equal(notified, 0);
}

/* A notification serves all that is available, and no more than num. */
static void serves_all(void)
{
	unsigned i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	for (i = 0; i < NUM_MAX; i++) {
		driver_desc(&d, i, DATA + i, 1, 0, 0);
		driver_offer(&d, i);
	}
	driver_notify(&d);
	assert_int_equal(notified, NUM_MAX);
	assert_int_equal(driver_used(&d), NUM_MAX);
	assert_int_equal(fake_spi(SPI)->rises, 1); /* one for all */
	driver_notify(&d);
	assert_int_equal(notified, NUM_MAX);
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

/* A ring that fills while it is served (a device's DMA) does not hold us. */
static void serving_is_bounded(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_RING_F_EVENT_IDX));
	never_enough = 1;
	ask();
	assert_int_equal(notified, NUM_MAX);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_STATUS), RUNNING);
	assert_int_equal(driver_avail_event(&d), NUM_MAX);
	driver_notify(&d);
	assert_int_equal(notified, 2 * NUM_MAX);
}

/* What the device refuses breaks the queue; what came before it was served. */
static void refused_request(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_desc(&d, 1, DATA + 1, 1, 0, 0);
	driver_desc(&d, 2, DATA + 2, 1, 0, 0);
	*ram(DATA + 1) = 0xbb;
	driver_offer(&d, 0);
	driver_offer(&d, 1);
	driver_offer(&d, 2);
	driver_notify(&d);
	assert_int_equal(notified, 2);
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(status(), RUNNING | NEEDS_RESET);
	driver_notify(&d);
	assert_int_equal(notified, 2);
	driver_start(&d, WINDOW, NUM_MAX, 0);
	ask();
	assert_int_equal(driver_used(&d), 1);
}

/* M05, M06: what was set stays until the reset. */
static void queue_is_frozen(void)
{
	static const unsigned regs[] = {
		VIRTIO_MMIO_QUEUE_NUM,	      VIRTIO_MMIO_QUEUE_DESC_LOW,
		VIRTIO_MMIO_QUEUE_DESC_HIGH,  VIRTIO_MMIO_QUEUE_AVAIL_LOW,
		VIRTIO_MMIO_QUEUE_AVAIL_HIGH, VIRTIO_MMIO_QUEUE_USED_LOW,
		VIRTIO_MMIO_QUEUE_USED_HIGH,  VIRTIO_MMIO_QUEUE_READY,
	};
	struct virtqueue before;
	size_t i;
	int live;

	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	before = device.queues[0];
	for (live = 0; live <= 1; live++) {
		for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
			driver_write(&d, regs[i], 1);
			driver_write(&d, regs[i], 0xfffffff0);
			assert_memory_equal(&device.queues[0], &before,
					    sizeof(before));
		}
		set_status(RUNNING);
	}
}

/* M06: a queue that was not ready at DRIVER_OK stays off. */
static void queue_after_driver_ok(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	set_status(RUNNING);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
}

/* M04, M07 at the registers: READY stays 0 and one line says why. */
static void queue_refused(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, 3);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	fake_one_line("unit0: queue 0 refused: 3 descriptors");
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_QUEUE_USED_LOW, 0x0a000000);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
}

static void queue_ready_values(void)
{
	static const uint32_t other[] = { 0, 2, 3, 0x100, UINT32_MAX };
	size_t i;

	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		driver_write(&d, VIRTIO_MMIO_QUEUE_READY, other[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	}
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

static void ring_features(void)
{
	machine();
	driver_start(&d, WINDOW, NUM_MAX, 0);
	assert_false(device.queues[0].indirect);
	assert_false(device.queues[0].event_idx);
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_RING_F_INDIRECT_DESC));
	assert_true(device.queues[0].indirect);
	assert_false(device.queues[0].event_idx);
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_RING_F_EVENT_IDX));
	assert_false(device.queues[0].indirect);
	assert_true(device.queues[0].event_idx);
	assert_false(device.queues[0].packed);
	driver_start(&d, WINDOW, NUM_MAX, BIT64(VIRTIO_F_RING_PACKED));
	assert_true(device.queues[0].packed);
	driver_start(&d, WINDOW, NUM_MAX, 0);
	assert_false(device.queues[0].packed);
}

static void put_packed(uint64_t addr, unsigned id)
{
	struct vring_packed_desc desc = { addr, 1, (uint16_t)id,
					  1u << VRING_PACKED_DESC_F_AVAIL };

	memcpy(ram(d.desc + 16 * id), &desc, sizeof(desc));
}

/* The other ring through the same registers: no power of two, either. */
static void packed_ring(void)
{
	struct vring_packed_desc used;
	unsigned i;

	machine();
	driver_start(&d, WINDOW, NUM_MAX - 1, BIT64(VIRTIO_F_RING_PACKED));
	driver_notify(&d);
	assert_int_equal(notified, 0);
	for (i = 0; i < 3; i++) {
		put_packed(DATA, i);
	}
	driver_notify(&d);
	assert_int_equal(notified, 3);
	assert_int_equal(fake_spi(SPI)->rises, 1);
	memcpy(&used, ram(d.desc + 16 * 2), sizeof(used));
	assert_int_equal(used.id, 2);
	assert_int_equal(used.flags, 1u << VRING_PACKED_DESC_F_AVAIL |
					     1u << VRING_PACKED_DESC_F_USED);
	put_packed(0, 3); /* not in RAM */
	driver_notify(&d);
	assert_int_equal(status(), RUNNING | NEEDS_RESET);
	driver_start(&d, WINDOW, NUM_MAX, 0); /* and split again */
	ask();
	assert_int_equal(notified, 4);
}

/* Addresses of 64 bits: the halves in either order. */
static void queue_addresses(void)
{
	machine();
	driver_prepare(&d, WINDOW, NUM_MAX, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_DESC_HIGH, 0x12345678);
	driver_write(&d, VIRTIO_MMIO_QUEUE_DESC_LOW, 0x9abcdef0);
	assert_int_equal(device.queues[0].desc_gpa, 0x123456789abcdef0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, 0x9abcdef0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 0x12345678);
	assert_int_equal(device.queues[0].avail_gpa, 0x123456789abcdef0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_USED_LOW, 0xffffffff);
	driver_write(&d, VIRTIO_MMIO_QUEUE_USED_HIGH, 0xffffffff);
	assert_int_equal(device.queues[0].used_gpa, UINT64_MAX);
}

static void reset_state(void)
{
	static const struct virtqueue zero;
	struct virtqueue expected = zero;

	machine();
	expected.num_max = NUM_MAX;
	driver_start(&d, WINDOW, 8, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 7);
	virtio_break(&device, "x");
	assert_int_equal(set_status(0), 0);
	assert_memory_equal(&device.queues[0], &expected, sizeof(expected));
	assert_int_equal(device.accepted, 0);
	assert_int_equal(device.isr, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), NUM_MAX);
}

/* -- Interrupts ---------------------------------------------------------- */

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

/* -- Version 1 (section 4.2.4) ------------------------------------------- */

static void legacy(void)
{
	machine_of(VIRTIO_MMIO_LEGACY);
}

static void legacy_identity(void)
{
	legacy();
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_VERSION), 1);
	assert_int_equal(driver_offered(&d),
			 BIT64(OFFERED_FEATURE) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX));
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN), 0);
}

static void legacy_start(uint32_t page_size, uint32_t align, uint32_t pfn)
{
	driver_write(&d, VIRTIO_MMIO_STATUS, 0);
	driver_write(&d, VIRTIO_MMIO_STATUS, ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, 0);
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, page_size);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_QUEUE_ALIGN, align);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, pfn);
}

static void legacy_queue(void)
{
	const struct virtqueue *vq = &device.queues[0];

	legacy();
	legacy_start(4096, 4096, (uint32_t)((RAM + 0x10000) / 4096));
	assert_true(vq->ready);
	assert_int_equal(vq->desc_gpa, RAM + 0x10000);
	assert_int_equal(vq->avail_gpa, RAM + 0x10000 + 16 * NUM_MAX);
	assert_int_equal(vq->used_gpa, RAM + 0x11000);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN),
			 (RAM + 0x10000) / 4096);
	set_status(ACK | DRIVER | DRIVER_OK); /* no FEATURES_OK in version 1 */
	assert_true(virtio_live(&device));
	ask();
	assert_int_equal(notified, 1);
}

static void legacy_stop(void)
{
	legacy();
	legacy_start(4096, 4096, (uint32_t)((RAM + 0x10000) / 4096));
	set_status(ACK | DRIVER | DRIVER_OK);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, 0);
	assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN), 0);
	ask();
	assert_int_equal(notified, 0);
}

static void legacy_small_alignment(void)
{
	legacy();
	legacy_start(4096, 64, (uint32_t)((RAM + 0x10000) / 4096));
	assert_true(device.queues[0].ready);
	/* 16 x 16 + 6 + 2 x 16, to the next multiple of 64 */
	assert_int_equal(device.queues[0].used_gpa, RAM + 0x10000 + 320);
}

static void legacy_other_page_size(void)
{
	legacy();
	legacy_start(65536, 4096, (uint32_t)((RAM + 0x10000) / 65536));
	assert_int_equal(device.queues[0].desc_gpa, RAM + 0x10000);
	assert_true(device.queues[0].ready);
	/* Changed later, the register still answers. */
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 0x80000000);
	(void)driver_read(&d, VIRTIO_MMIO_QUEUE_PFN);
}

/* Sizes and frames that are none. */
static void legacy_nonsense(void)
{
	static const uint32_t sizes[] = { 0,	3,	    4095,
					  4097, 0x80000000, UINT32_MAX };
	size_t i, j;

	legacy();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			legacy_start(sizes[i], sizes[j], UINT32_MAX);
			assert_false(device.queues[0].ready);
			legacy_start(sizes[i], sizes[j], 0x80000000);
			assert_false(device.queues[0].ready);
			legacy_start(sizes[i], sizes[j], 1);
			assert_false(device.queues[0].ready);
		}
	}
	legacy_start(4096, 4096, (uint32_t)(RAM / 4096));
	assert_true(device.queues[0].ready);
}

/* What is no size leaves the last one that was. */
static void legacy_sizes_that_are_none(void)
{
	static const uint32_t none[] = { 0, 3, 48, 4095, 0x3000, UINT32_MAX };
	size_t i;

	legacy();
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_ALIGN, 8192);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		legacy_start(none[i], none[i],
			     (uint32_t)((RAM + 0x10000) / 4096));
		assert_true(device.queues[0].ready);
		assert_int_equal(device.queues[0].desc_gpa, RAM + 0x10000);
		assert_int_equal(device.queues[0].used_gpa, RAM + 0x12000);
		/* Nor does the register divide by it. */
		driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, none[i]);
		assert_int_equal(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN),
				 (RAM + 0x10000) / 4096);
	}
}

/* The rings' end, not only their start, must be in RAM. */
static void legacy_at_the_end(void)
{
	legacy();
	legacy_start(4096, 4096, (uint32_t)((RAM_END - 4096) / 4096));
	assert_false(device.queues[0].ready);
	legacy_start(4096, 4096, (uint32_t)((RAM_END - 8192) / 4096));
	assert_true(device.queues[0].ready);
}

/* A version 2 register does nothing in version 1, and the other way round. */
static void legacy_registers_only(void)
{
	legacy();
	driver_write(&d, VIRTIO_MMIO_STATUS, ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, NUM_MAX);
	driver_write(&d, VIRTIO_MMIO_QUEUE_DESC_LOW, RAM);
	driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_false(device.queues[0].ready);
	assert_int_equal(device.queues[0].desc_gpa, 0);
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

/* Legacy drivers cannot be told that a feature is refused. */
static void legacy_features(void)
{
	legacy();
	driver_write(&d, VIRTIO_MMIO_STATUS, ACK | DRIVER);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, UINT32_MAX);
	assert_int_equal(device.accepted,
			 BIT64(OFFERED_FEATURE) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX));
}

static const struct CMUnitTest tests[] = {
	TEST(identity),
	TEST(config_is_readable_by_byte),
	TEST(reads_do_not_exit),
	TEST(reads_that_exit),
	TEST(window_neighbours),
	TEST(two_in_one_page),
	TEST(too_many_transports),
	TEST(offered),
	TEST(feature_words),
	TEST(features_not_offered),
	TEST(features_without_version_1),
	TEST(features_frozen),
	TEST(features_second_try),
	TEST(status_steps),
	TEST(driver_ok_without_features_ok),
	TEST(driver_ok_with_refused_features),
	TEST(status_bits_stay),
	TEST(status_failed),
	TEST(status_wide),
	TEST(needs_reset_is_not_the_drivers),
	TEST(broken),
	TEST(broken_before_driver_ok),
	TEST(log_flood),
	TEST(queue_select),
	TEST(notify_other_queues),
	TEST(notify_too_early),
	TEST(notify_without_ready),
	TEST(serves_all),
	TEST(serving_is_bounded),
	TEST(refused_request),
	TEST(queue_is_frozen),
	TEST(queue_after_driver_ok),
	TEST(queue_refused),
	TEST(queue_ready_values),
	TEST(queue_ready_zero),
	TEST(ring_features),
	TEST(packed_ring),
	TEST(queue_addresses),
	TEST(reset_state),
	TEST(interrupt_and_ack),
	TEST(every_access),
	TEST(read_only_registers),
	TEST(nonsense),
	TEST(legacy_identity),
	TEST(legacy_queue),
	TEST(legacy_stop),
	TEST(legacy_small_alignment),
	TEST(legacy_other_page_size),
	TEST(legacy_nonsense),
	TEST(legacy_sizes_that_are_none),
	TEST(legacy_at_the_end),
	TEST(legacy_registers_only),
	TEST(modern_registers_only),
	TEST(legacy_features),
};

UNIT_MAIN("virtio", tests)
